"""A scenario for another contact tree: who takes whose place, and what stays as it was."""

from typing import Any

import pytest

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.other_tree import Edit, Moved, edited, moved
from drillsim.files.scenario_file import load_scenario, parse_scenario, read_scenario
from drillsim.files.tree_file import LoadedTree, load_tree, parse_tree
from drillsim.problem import UsageError
from drillsim.shipped import shipped_dir

SHIPPED = sorted(path.stem for path in shipped_dir("scenarios").glob("*.yaml"))
OF_YAMAGUCHI = [name for name in SHIPPED if name != "r5-terminal-failure"]
YAMAGUCHI = load_tree("yamaguchi")


def tree_of(code: str) -> LoadedTree:
    chosen = [body for body in prefectures() if body.code == code]
    return parse_tree("".join(new_tree(chosen, "架空の連絡網", [])).encode(), "own.yaml")


def small(towns: int, officers: int = 2, *, centre: bool = True) -> LoadedTree:
    """Return a tree of a prefecture with so many towns, and so many officers in each."""

    def node(name: str, kind: str, parent: str, count: int) -> str:
        people = ", ".join(
            f"{{name: 架空 {n}, email: o{n}@{name}.example}}" for n in range(1, count + 1)
        )
        above = f", parent: {parent}" if parent else ""
        return f"  - {{id: {name}, name: 架空{name}, kind: {kind}{above}, officers: [{people}]}}\n"

    top = node("centre", "national-center", "", 2) if centre else ""
    lines = [top, node("ken", "prefecture", "centre" if centre else "", 2)]
    lines += [node(f"machi-{n}", "municipality", "ken", officers) for n in range(1, towns + 1)]
    head = "format: drillsim-contacts/1\ntitle: 小さな連絡網\nnodes:\n"
    return parse_tree((head + "".join(lines)).encode(), "small.yaml")


def move(text: str, to: LoadedTree, old: ContactTree = YAMAGUCHI.tree) -> tuple[Moved, str]:
    document, scenario = read_scenario(text.encode(), "old.yaml")
    made = moved(document, scenario, old, to.tree)
    return made, edited(text, made.edits, made.names)


def shipped(name: str) -> str:
    return (shipped_dir("scenarios") / f"{name}.yaml").read_text(encoding="utf-8")


def scenario_of(injects: str, rest: str = "") -> str:
    return (
        "format: drillsim-scenario/1\nid: s\ntitle: 架空の訓練\nincident: {kind: fault}\n"
        "contacts: tree.yaml\nstart: 2026-10-14T10:00+09:00\nwindow: 4h\n"
        f"injects:\n{injects}"
        "phases:\n  initial: a\n  states:\n    a: {send: [first], next: [{when: {elapsed: 1h}, "
        "to: b}]}\n    b: {final: true}\n" + rest
    )


def inject(sender: str = '"350001"', to: str = "{kind: municipality}") -> str:
    return (
        f"  - id: first\n    from: {sender}\n    to: {to}\n    subject: 架空\n    body: 架空\n"
        "    acknowledge: {within: 15m}\n"
    )


@pytest.mark.parametrize("name", OF_YAMAGUCHI)
@pytest.mark.parametrize("code", ["310000", "180009", "130001", "150002"])
def test_the_shipped_scenarios_suit_any_prefecture_at_once(name: str, code: str) -> None:
    own = tree_of(code)
    _made, text = move(shipped(name), own)
    loaded = parse_scenario(text.encode(), "new.yaml", own)
    assert not [problem for problem in loaded.problems if problem.severity == "error"]
    assert not [node.id for node in YAMAGUCHI.tree.nodes if f'"{node.id}"' in text]
    assert "山口" not in text.replace("yamaguchi", "")


@pytest.mark.parametrize("name", [n for n in OF_YAMAGUCHI if n != "municipality-virus"])
def test_a_tree_of_two_towns_with_one_officer_each_will_do(name: str) -> None:
    own = small(2, officers=1)
    made, text = move(shipped(name), own)
    parse_scenario(text.encode(), "new.yaml", own)
    assert {new.id for _old, new in made.replaced} <= {"centre", "ken", "machi-1", "machi-2"}


@pytest.mark.parametrize("name", SHIPPED)
def test_on_its_own_tree_a_scenario_stays_as_it_is(name: str) -> None:
    path = shipped_dir("scenarios") / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    tree = load_scenario(path)
    assert tree.contacts_path is not None
    made, new = move(text, load_tree(tree.contacts_path), tree.tree)
    assert new == text
    assert (made.replaced, made.left_out) == ((), ())


def test_municipalities_take_their_places_in_order_senders_first() -> None:
    text = scenario_of(
        inject('"353442"', '{nodes: ["352039", "352012"]}'),
        'faults:\n  - {node: "352021", kind: drop}\n',
    )
    made, new = move(text, tree_of("310000"))
    assert 'from: "312011"' in new
    assert 'nodes: ["312037", "312029"]' in new  # As they stand in the old tree.
    assert '{node: "312045", kind: drop}' in new
    assert [(old.id, there.id) for old, there in made.replaced] == [
        ("350001", "310000"),  # It stands above them: texts may name it.
        ("352012", "312029"),
        ("352021", "312045"),
        ("352039", "312037"),
        ("353442", "312011"),
    ]


def test_who_is_in_both_trees_stays_and_nobody_else_gets_that_place() -> None:
    own = small(1).tree
    yamaguchi = {node.id: node for node in YAMAGUCHI.tree.nodes}
    both = own.model_copy(
        update={
            "nodes": (*own.nodes, yamaguchi[NodeId("352021")].model_copy(update={"parent": "ken"}))
        }
    )
    tree = LoadedTree(both, small(1).document, b"", None)
    text = scenario_of(inject('"350001"', '{nodes: ["352012", "352021"]}'))
    made, new = move(text, tree)
    assert 'nodes: ["machi-1", "352021"]' in new
    assert [old.id for old, _new in made.replaced] == ["jlis", "350001", "352012"]


def test_what_is_said_of_a_body_without_a_counterpart_is_left_out() -> None:
    rest = (
        'participants: {except: {"352012": 甲, "352021": 乙, "352039": 丙}}\n'
        "people:\n  nodes:\n"
        '    "352012": {absent: [1]}  # 下関市\n'
        '    "352047":\n      silent: [1]\n      dead: [2]\n'
        '    "352021": {silent: [1]}\n'
        "faults:\n"
        '  - node: "352047"\n    kind: drop  # 萩市\n'
        '  - {node: "352021", kind: drop}\n'
        "# Ende\n"
    )
    made, new = move(scenario_of(inject(), rest), small(2))
    said = new[new.index("participants") :]
    assert said == (
        'participants: {except: {"machi-1": 甲, "machi-2": 乙}}\n'
        "people:\n  nodes:\n"
        '    "machi-1": {absent: [1]}  # 架空machi-1\n'
        '    "machi-2": {silent: [1]}\n'
        "faults:\n"
        '  - {node: "machi-2", kind: drop}\n'
        "# Ende\n"
    )
    assert [node.id for node in made.left_out] == ["352039", "352047"]


def test_an_officer_whom_the_new_body_does_not_have_is_not_spoken_of() -> None:
    rest = 'faults:\n  - {node: "352012", kind: drop, officer: 2}\n'
    text = scenario_of(inject(), rest)
    made, new = move(text, small(2, officers=1))
    assert new.endswith("faults:\n")
    assert [node.id for node in made.left_out] == ["352012"]
    own = small(2, officers=1).tree
    second = own.by_id[NodeId("machi-2")]
    more = second.model_copy(update={"officers": second.officers * 2})
    nodes = (*own.nodes[:-1], more)
    tree = LoadedTree(own.model_copy(update={"nodes": nodes}), small(2).document, b"", None)
    assert '{node: "machi-2", kind: drop, officer: 2}' in move(text, tree)[1]


def test_a_list_of_the_others_names_the_others_of_the_new_prefecture() -> None:
    towns = [n.id for n in YAMAGUCHI.tree.nodes if n.kind == "municipality" and n.id != "352039"]
    to = f"{{nodes: [{', '.join(f'{chr(34)}{town}{chr(34)}' for town in towns)}]}}"
    text = scenario_of(inject('"352039"', to))
    _made, new = move(text, small(3))
    assert 'to: {nodes: ["machi-2", "machi-3"]}' in new
    _made, new = move(text, small(40))
    lines = new.splitlines()
    assert max(map(len, lines)) <= 100
    _document, scenario = read_scenario(new.encode(), "new.yaml")
    to_nodes: Any = scenario.injects[0].to
    assert list(to_nodes.nodes) == [f"machi-{n}" for n in range(2, 41)]
    with pytest.raises(UsageError, match="小さな連絡網 has no municipality to take the place of"):
        move(text, small(1))


def test_a_sender_needs_somebody_to_take_its_place() -> None:
    with pytest.raises(UsageError, match="no national centre to take the place of J-LIS"):
        move(shipped("r5-virus-suspicion"), small(3, centre=False))
    with pytest.raises(UsageError, match="no municipality to take the place of 下関市"):
        move(scenario_of(inject(to='{nodes: ["352012"]}')), small(0))


def test_ids_in_comments_follow_and_other_words_stay() -> None:
    text = scenario_of(inject(), '# except: {"353213": 工事}, "999999"; 山口県と山口市\n')
    _made, new = move(text, tree_of("310000"))
    assert new.endswith('# except: {"312011": 工事}, "999999"; 鳥取県と山口市\n')


def test_a_name_that_would_be_yaml_is_not_put_into_a_text() -> None:
    own = small(1).tree
    nodes = [n.model_copy(update={"name": "a: #b"}) if n.id == "ken" else n for n in own.nodes]
    tree = LoadedTree(own.model_copy(update={"nodes": tuple(nodes)}), small(1).document, b"", None)
    _made, new = move(scenario_of(inject(), "# 山口県\n"), tree)
    assert new.endswith("# 山口県\n")


def test_of_edits_that_overlap_the_outer_one_counts() -> None:
    edits = [Edit(2, 3, "x"), Edit(1, 4, "-"), Edit(5, 6, "y"), Edit(5, 6, "y")]
    assert edited("abcdefg", edits, {"g": "G", "b": "B"}) == "a-eyG"
