"""A text filled in by joining strings is the text that the template renders."""

from hypothesis import given
from hypothesis import strategies as st

from drillsim.mail.templates import template

NAMES = ("to_body", "ref", "place", "level")
PIECES = st.one_of(
    st.text("本文 {}%\n　a\x00", max_size=8).filter(lambda t: "{{" not in t and "{%" not in t),
    st.sampled_from([f"{{{{ {name} }}}}" for name in NAMES]),
    st.sampled_from(
        [
            "{{ to_body|trim }}",
            "{{ place ~ ref }}",
            "{% if level %}{{ ref }}{% endif %}\n",
            "{{ ref if place else to_body }}",
        ]
    ),
)
SOURCES = st.lists(PIECES, max_size=12).map(lambda pieces: "".join(f"{p} " for p in pieces))
VALUES = st.text("山口市\x00 {}a<&", max_size=8)


@given(
    source=SOURCES.filter(lambda s: "{ {" not in s and "{ %" not in s),
    values=st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)),
    slots=st.sets(st.sampled_from(NAMES)),
)
def test_a_stencil_says_what_its_template_says(
    source: str, values: dict[str, str], slots: set[str]
) -> None:
    filled = template(source).stencil(
        {name: value for name, value in values.items() if name not in slots}, slots
    )
    assert filled.fill({name: values[name] for name in slots}) == template(source).render(values)
