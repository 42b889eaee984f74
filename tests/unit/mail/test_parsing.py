import pytest

from drillsim.mail.bodies import read_body
from drillsim.mail.charsets import decode_text
from drillsim.mail.flatten import flatten_html
from drillsim.mail.parsing import (
    DEPTH_MAX,
    FIELDS_MAX,
    PARTS_MAX,
    decode_field,
    find_addresses,
    find_message_ids,
    parse_fields,
    parse_mail,
    parse_parameters,
    split_sender,
)

ACK = "橋本です。確認済み。"


@pytest.mark.parametrize("charset", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("label", ["iso-2022-jp", "us-ascii", "utf-8", "x-unknown", ""])
def test_a_wrong_charset_label_harms_no_japanese(charset: str, label: str) -> None:
    assert decode_text(ACK.encode(charset), label) == ACK


def test_latin_text_stays_latin() -> None:
    assert decode_text("Müller grüßt".encode("cp1252"), "iso-8859-1") == "Müller grüßt"
    assert decode_text("Müller grüßt".encode("cp1252"), "utf-8") == "Müller grüßt"
    assert decode_text("Müller".encode(), "iso-8859-1") == "Müller"


@pytest.mark.parametrize("label", ["utf-7", "utf-16", "base64", "idna", "rot13", "\0", "x" * 99])
def test_no_label_makes_text_that_cannot_be_written(label: str) -> None:
    for data in (b"+2AA-", b"\xd8\x00\xd8", b"abc", b"\x80\xff", b"\x1b$B\x21"):
        decode_text(data, label).encode("utf-8")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"=?UTF-8?B?5YWl5rGf?=", "入江"),
        (b"=?utf-8?q?Re:_=E5=85=A5?=\n =?utf-8?q?=E6=B1=9F?=", "Re: 入江"),
        (b"=?UTF-8?B?5YWl?= =?UTF-8?B?5rGf?= x", "入江 x"),
        (b"=?UTF-8?B?5YU=?=\n =?UTF-8?B?peaxnw==?=", "入江"),
        (b'"=?UTF-8?B?5YWl5rGf?="', '"入江"'),
        (b"=?UTF-8?B?5YWl\n 5rGf?=", "入江"),
        (b"=?UTF-8*ja?B?5YWl5rGf?=", "入江"),
        (b"=?ISO-2022-JP?B?GyRCRn45PhsoQg==?=", "入江"),
        (b"=?NONE?B?VEVTVA=?=", "TEST"),
        (b"=?UTF-8?B?!!!?= x", "!!! x"),
        ("入江".encode("cp932"), "入江"),
        (b"\x1b$BF~9>\x1b(B", "入江"),
        (b"a\n\tb", "a b"),
        (b"=?UTF-8?Q?a=0D=0AX:_b?=", "a X: b"),
    ],
)
def test_a_field_is_decoded_to_one_line(written: bytes, text: str) -> None:
    assert decode_field(written) == text


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("入江 <i@x.example>", "i@x.example", "入江"),
        ('"入江, 住民課" <i@x.example>', "i@x.example", "入江, 住民課"),
        ("i@x.example (Irie)", "i@x.example", "Irie"),
        ("<i@x.example> (Irie)", "i@x.example", "Irie"),
        ("MAILER-DAEMON <>", "", "MAILER-DAEMON"),
        ("MAILER-DAEMON", "", "MAILER-DAEMON"),
        ("taro..i@keitai.example", "taro..i@keitai.example", ""),
        ("<taro.@keitai.example>", "taro.@keitai.example", ""),
        ('"a@b.example" <i@x.example>', "i@x.example", "a@b.example"),
        ("", "", ""),
    ],
)
def test_a_sender_is_an_address_and_a_name(value: str, address: str, name: str) -> None:
    assert split_sender(value) == (address, name)


def test_addresses_are_found_between_names() -> None:
    value = '"a, b" <a@x.example>, 県: <c+1@y.example>; d@z.example, a@x.example'
    assert find_addresses(value) == ("a@x.example", "c+1@y.example", "d@z.example")


def test_message_ids_may_lack_their_brackets() -> None:
    assert find_message_ids("<a@b> (x) <c@d>\n <a@b>") == ("a@b", "c@d")
    assert find_message_ids("a@b") == ("a@b",)
    assert find_message_ids("none") == ()


def test_parameters_in_pieces_are_joined() -> None:
    value = 'text/plain; name*0*=UTF-8\'\'%E5%A0; name*1*=%B1%E5%91%8A; name*2=.xlsx; x="a;\\"b"'
    assert parse_parameters(value) == ("text/plain", {"x": 'a;"b', "name": "報告.xlsx"})


def test_a_damaged_line_in_a_header_is_passed_over() -> None:
    fields, start = parse_fields(b"From: a\ndamaged line\nTo: b\n\nbody")
    assert (fields.get("from"), fields.get("to"), start) == ("a", "b", 28)


def test_text_without_a_header_is_all_body() -> None:
    mail = parse_mail(b"Only words.\nNo header.\n")
    assert not len(mail.fields)
    assert mail.text() == "Only words.\nNo header.\n"


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_counts(newline: bytes) -> None:
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\ny\n--b--\n"
    mail = parse_mail(raw.replace(b"\n", newline))
    assert [part.text() for part in mail.parts] == ["x\ny"]


def test_an_mbox_line_and_a_byte_order_mark_are_passed_over() -> None:
    mail = parse_mail(b"\xef\xbb\xbfFrom x@y Wed Oct 14 2026\nSubject: s\n\nb")
    assert mail.fields.get("subject") == "s"


def test_a_boundary_that_does_not_fit_is_found_in_the_body() -> None:
    head = b"Content-Type: multipart/mixed; boundary=BB_\n\n"
    mail = parse_mail(head + b"--BB\nContent-Type: text/plain\n\nx\n--BB--\n")
    assert [part.text() for part in mail.parts] == ["x"]


def test_limits_cut_what_lies_beyond_them() -> None:
    many = parse_mail(b"X: y\n" * 5000 + b"\nb")
    assert len(many.fields) == FIELDS_MAX
    assert many.text() == "b"
    wide = parse_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 2000)
    assert len(list(wide.walk())) <= PARTS_MAX
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(100)
    )
    assert len(list(parse_mail(deep).walk())) <= DEPTH_MAX + 1


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"T0s=", "OK"),
        (b"T0s", "OK"),
        (b"T0\ns=\n", "OK"),
        (b"T0s=\n-- \nfooter of a list\n", "OK\n-- \nfooter of a list\n"),
        (b"not base64 at all!", "not base64 at all!"),
        (b"T0s=\x0c\n", "OK"),
    ],
)
def test_broken_base64_gives_what_it_can(body: bytes, text: str) -> None:
    assert parse_mail(b"Content-Transfer-Encoding: base64\n\n" + body).text() == text


def test_html_becomes_lines_and_quotes() -> None:
    html = (
        "<style>p{}</style><p>一行目<br>二行目</p><!-- x --><blockquote>引用<blockquote>深い"
        "</blockquote></blockquote><table><tr><td>台数</td><td>3&nbsp;台</td></tr></table>&lt;a&gt;"
    )
    lines = [line for line in flatten_html(html).split("\n") if line.strip("> ")]
    assert lines == ["一行目", "二行目", "> 引用", "> > 深い", "台数 3 台", "<a>"]


def test_flowed_lines_are_joined() -> None:
    raw = b"Content-Type: text/plain; format=flowed\n\na \nb\n> c \n> d\n e\n-- \nsig\n"
    assert read_body(parse_mail(raw)).text == "a b\n> c d\ne\n-- \nsig\n"
    delsp = raw.replace(b"flowed", b"flowed; delsp=yes")
    assert read_body(parse_mail(delsp)).text.startswith("ab\n")
