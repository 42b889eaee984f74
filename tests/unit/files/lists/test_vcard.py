"""vCard 4.0 (RFC 6350): what a telephone reads of a contact tree."""

from drillsim.drill.tree import ContactTree
from drillsim.files.lists.vcard import as_vcards

TREE = ContactTree.model_validate(
    {
        "format": "drillsim-contacts/1",
        "title": "架空",
        "nodes": [
            {
                "id": "a",
                "name": "架空市, 市民課; 係\\",
                "kind": "municipality",
                "mailbox": "juki@a.example",
                "officers": [
                    {
                        "name": "見本 一郎",
                        "kana": 'みほん "いちろう"',
                        "role": "長い職名" * 30,
                        "phone": "083-000-0001",
                        "verified": "2026-04-10",
                        "note": "一行目\nEND:VCARD\x07",
                        "off-hours": {"phone": "090-0000-0001", "email": "n@a.example"},
                    },
                    {"name": "架空", "email": ["b@a.example", "c@a.example"]},
                ],
                "duty-desk": {"phone": "083-000-0009"},
            }
        ],
    }
)


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def test_lines_are_at_most_75_octets_and_no_letter_is_broken() -> None:
    data = as_vcards(TREE)
    assert data.endswith(b"END:VCARD\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines[:-1])
    assert "TITLE:" + "長い職名" * 30 in unfolded(data)


def test_an_officer_a_body_and_their_numbers_are_there() -> None:
    lines = unfolded(as_vcards(TREE))
    assert [line for line in lines if line.startswith("KIND:")] == [
        "KIND:individual",
        "KIND:individual",
        "KIND:group",
    ]
    for line in (
        "N;SORT-AS=\"みほん,^'いちろう^'\":見本;一郎;;;",
        "ORG:架空市\\, 市民課\\; 係\\\\",
        "EMAIL;TYPE=work:juki@a.example",  # Who has no address of their own reads the mailbox.
        "EMAIL;TYPE=work;PREF=2:c@a.example",
        "night.TEL;TYPE=home;PREF=2:090-0000-0001",
        "night.X-ABLabel:nights and holidays",
        "REV:20260410T000000Z",
        "desk.TEL;TYPE=work:083-000-0009",
    ):
        assert line in lines, line


def test_a_note_ends_no_card() -> None:
    lines = unfolded(as_vcards(TREE))
    assert lines.count("BEGIN:VCARD") == lines.count("END:VCARD") == 3
    assert "NOTE:calling order 1\\n一行目\\nEND:VCARD" in lines


def test_the_cards_of_the_same_people_have_the_same_uids() -> None:
    assert as_vcards(TREE) == as_vcards(TREE)
    lines = unfolded(as_vcards(TREE))
    uids = [line.removeprefix("UID:") for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == 3
    assert [line for line in lines if line.startswith("MEMBER:")] == [
        f"MEMBER:{u}" for u in uids[:2]
    ]
