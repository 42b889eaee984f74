from collections import Counter

from drillsim.drill.codes import is_valid_code, prefecture_code
from drillsim.files.bodies import by_code, load_bodies, municipalities, prefectures


def test_there_are_as_many_bodies_of_each_kind_as_the_ministry_counts() -> None:
    assert Counter(body.kind for body in load_bodies().values()) == {
        "prefecture": 47,
        "city": 792,
        "town": 743,
        "village": 183,
        "special-ward": 23,
    }
    assert len(municipalities()) == 1_741


def test_every_code_has_its_check_digit_and_lies_in_its_prefecture() -> None:
    for code, body in load_bodies().items():
        assert code == body.code
        assert is_valid_code(code), body
        assert body.prefecture == prefecture_code(code)
        assert load_bodies()[body.prefecture].is_prefecture


def test_bodies_come_in_the_order_of_their_codes() -> None:
    assert list(load_bodies()) == sorted(load_bodies())


def test_twenty_five_names_occur_in_more_than_one_prefecture() -> None:
    names = Counter(body.name for body in municipalities())
    doubled = {name for name, count in names.items() if count > 1}
    assert len(doubled) == 25
    assert {"伊達市", "府中市", "池田町"} <= doubled
    pairs = Counter((body.prefecture, body.name) for body in municipalities())
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_wards_of_cities_and_villages_without_an_office_are_left_out() -> None:
    assert by_code("011011") is None  # 札幌市中央区
    assert by_code("016951") is None  # 色丹村
    assert by_code("131016") is not None  # 千代田区


def test_names_and_readings_are_the_ministrys() -> None:
    yusuhara = by_code("394050")
    assert yusuhara is not None
    assert (yusuhara.name, yusuhara.kana) == ("梼原町", "ゆすはらちょう")
    manazuru = by_code("143839")
    assert manazuru is not None
    assert manazuru.kana == "まなづるまち"
    for body in load_bodies().values():
        assert set(body.kana) <= {chr(code) for code in range(0x3041, 0x3097)} | {"ー"}, body


def test_yamaguchi_has_its_nineteen() -> None:
    assert [body.code for body in municipalities("350001")] == (
        "352012 352021 352039 352047 352063 352071 352080 352101 352110 352128 352136 352152 "
        "352161 353051 353213 353418 353434 353442 355020"
    ).split()
    assert municipalities("352012") == ()


def test_prefectures_range_from_fifteen_to_a_hundred_and_seventy_nine() -> None:
    sizes = {body.name: len(municipalities(body.code)) for body in prefectures()}
    assert len(sizes) == 47
    assert min(sizes.values()) == sizes["富山県"] == 15
    assert max(sizes.values()) == sizes["北海道"] == 179
