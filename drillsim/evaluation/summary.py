"""The summary of a drill as plain data for JSON: `run --json`, `status`, `score` and the report.

The keys of DESIGN, section 7, come first; the order of keys is fixed. Lengths and times are
seconds (times since StartEx), with up to three decimals; a rate stands with its denominator. It
names bodies, never officers and addresses.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from drillsim.drill.durations import to_ms
from drillsim.drill.machines import NoticeState
from drillsim.drill.tree import NodeId
from drillsim.evaluation.causes import Miss, count_causes
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.fidelity import Fidelity
from drillsim.evaluation.milestones import Marks
from drillsim.evaluation.path import CriticalPath, acknowledgement_path, report_path
from drillsim.evaluation.rate import Rate, percent_of
from drillsim.evaluation.reach import Done, Tier
from drillsim.evaluation.scoring import CriterionResult, Mark, Score
from drillsim.evaluation.timeline import Hop, Timeline
from drillsim.evaluation.wording import Finding, finding_of


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Return the summary of a drill: a dict that `json.dumps` takes as it is."""
    timeline, reach, score = evaluation.timeline, evaluation.reach, evaluation.score
    exercise, board = timeline.exercise, timeline.board
    tiers = reach.tiers
    end = board.end
    return {
        "scenario": exercise.scenario.id,
        "seed": timeline.seed,
        "nodes": len(exercise.tree.nodes),
        "participants": len(exercise.to_be_reached),
        "notices": len(timeline.hops),
        "reached": reach.reached.count,
        "acknowledged": sum(tier.acknowledged.done for tier in tiers),
        "in_time": sum(tier.acknowledged.in_time for tier in tiers),
        "late": sum(tier.acknowledged.late for tier in tiers),
        "unreachable": sum(hop.state is NoticeState.UNREACHABLE for hop in timeline.hops.values()),
        "passed_on": sum(hop.passed_on_at is not None for hop in timeline.hops.values()),
        "reported": sum(tier.reported.done for tier in tiers),
        "mails_sent": board.mails_sent,
        "mails_received": board.mails_received,
        "score": score.total.score,
        "rating": score.total.rating,
        "drill_seconds": _seconds(timeline.now),
        "ended": end.reason if end is not None else None,
        "rates": _rates(evaluation),
        "scoring": score_summary(score),
        "fidelity": fidelity_summary(evaluation.fidelity),
        "mends": [
            {"kind": mend.kind, "node": mend.node, "officer": mend.officer}
            for mend in evaluation.mends
        ],
        "tiers": [_tier(tier) for tier in tiers],
        "unreached": list(_unreached(evaluation)),
        "causes": count_causes(reach.misses),
        "misses": [_miss(timeline, miss) for miss in reach.misses],
        "apart": [
            {
                "node": apart.node,
                "name": _name(timeline, apart.node),
                "kind": apart.kind,
                "why": apart.why,
                "reason": apart.reason,
            }
            for apart in reach.apart
        ],
        "findings": [_finding(found) for found in findings_of(evaluation)],
        "critical_paths": [_path(timeline, path) for path in paths_of(timeline)],
        "seats": list(dict.fromkeys(h.node for h in timeline.hops.values() if h.by_person)),
        "phases": [
            {"phase": phase, "level": level, "at_seconds": _seconds(at)}
            for at, phase, level in board.phases
        ],
        **_stop(timeline),
    }


def findings_of(evaluation: Evaluation) -> list[Finding]:
    """Return what happened to each inject in each tier that was to acknowledge it."""
    timeline = evaluation.timeline
    return [
        finding_of(
            tier.inject,
            tier.kind,
            tier.confirmed,
            acknowledgement_path(timeline, tier.inject, tier.kind),
        )
        for tier in evaluation.reach.tiers
        if tier.acknowledged.of
    ]


def paths_of(timeline: Timeline) -> list[CriticalPath]:
    """Return for each inject the paths to its last acknowledgement and its last report."""
    paths = (
        find(timeline, inject)
        for inject in timeline.by_inject
        for find in (acknowledgement_path, report_path)
    )
    return [path for path in paths if path is not None]


def score_summary(score: Score) -> dict[str, Any]:
    """Return how the score came about, without its single points."""
    return {
        "is_final": score.is_final,
        "contact": _mark(score.contact),
        "handling": _mark(score.handling),
        "objectives": {name: _mark(mark) for name, mark in score.objectives.items()},
        "injects": {inject: _mark(mark) for inject, mark in score.injects.items()},
        "criteria": [_criterion(result) for result in score.criteria],
        "late_credit_percent": percent_of(score.rubric.late_credit),
        "thresholds": dict(score.rubric.thresholds),
    }


def fidelity_summary(fidelity: Fidelity) -> dict[str, Any]:
    """Return what became of the facts that were passed on, and who first lost each."""
    mark = fidelity.mark
    fates = Counter(each.fate for each in fidelity.facts)
    return {
        "arrived": fidelity.arrived.as_json(),
        "kept": fates["kept"],
        "changed": fates["changed"],
        "lost": fates["lost"],
        "rating": mark.rating,
        "facts": [
            {"inject": inject, "fact": name, **rate.as_json()}
            for (inject, name), rate in fidelity.by_fact.items()
        ],
        "first_losses": [
            {
                "inject": loss.inject,
                "fact": loss.name,
                "said": loss.said,
                "node": loss.node,
                "fate": loss.fate,
                "found": loss.found,
                "reached": list(loss.reached),
                "because": list(loss.because),
            }
            for loss in fidelity.losses
        ],
        "unmarked": [list(notice) for notice in fidelity.unmarked],
    }


def points_summary(score: Score) -> list[dict[str, Any]]:
    """Return every point of the score, with the events that gave or cost it."""
    points: list[dict[str, Any]] = []
    for result in score.criteria:
        worth = score.worth(result)
        points.extend(
            {
                "criterion": result.name,
                "inject": point.hop.inject,
                "node": point.hop.node,
                "worth": float(worth) if point.is_counted else 0.0,
                "gained": float(worth * point.gained),
                "counted": point.is_counted,
                "excuse": point.excuse,
                "because": list(point.because),
            }
            for point in result.points
        )
    return points


def hops_summary(timeline: Timeline) -> list[dict[str, Any]]:
    """Return every hop with its times and lengths, for tables and spreadsheets."""
    return [_hop(hop) for hop in timeline.hops.values()]


def _seconds(length: timedelta) -> float:
    return to_ms(length) / 1000


def _or_none(length: timedelta | None) -> float | None:
    return None if length is None else _seconds(length)


def _name(timeline: Timeline, node: NodeId) -> str:
    known = timeline.exercise.tree.by_id.get(node)
    return known.name if known is not None else node


def _rates(evaluation: Evaluation) -> dict[str, Any]:
    tiers = evaluation.reach.tiers

    def total(done: Iterable[Done]) -> dict[str, Any]:
        each = list(done)
        return Rate(sum(d.done for d in each), sum(d.of for d in each)).as_json()

    return {
        "reached": evaluation.reach.reached.as_json(),
        "reached_by_kind": {
            contact.kind: contact.rate.as_json()
            for contact in evaluation.reach.contacts
            if contact.kind is not None
        },
        "acknowledged": total(tier.acknowledged for tier in tiers),
        "passed_on": Rate(
            sum(hop.passed_on_at is not None for hop in evaluation.timeline.hops.values()),
            sum(tier.passed_on.of for tier in tiers),
        ).as_json(),
        "next_hops": Rate(
            sum(tier.next_hops.count for tier in tiers), sum(tier.next_hops.of for tier in tiers)
        ).as_json(),
        "reported": total(tier.reported for tier in tiers),
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {"score": mark.score, "rating": mark.rating}


def _criterion(result: CriterionResult) -> dict[str, Any]:
    return {
        "criterion": result.name,
        "objective": result.objective,
        "weight": result.weight,
        "percent": percent_of(result.share),
        "points": result.counted,
        "not_counted": len(result.points) - result.counted,
        "excused": result.excused,
    }


def _done(done: Done) -> dict[str, Any]:
    return {
        "of": done.of,
        "done": done.done,
        "percent": done.rate.percent,
        "in_time": done.in_time,
        "late": done.late,
        "missed": done.missed,
        "excused": done.excused,
        "open": done.open,
    }


def _marks(marks: Marks) -> dict[str, Any]:
    return {
        "of": marks.of,
        "first": _or_none(marks.first),
        **{f"{percent}%": _or_none(at) for percent, at in marks.at_percent},
        "last": _or_none(marks.last),
    }


def _tier(tier: Tier) -> dict[str, Any]:
    return {
        "inject": tier.inject,
        "kind": tier.kind,
        "scope": tier.scope,
        "notified": tier.notified,
        "acknowledged": _done(tier.acknowledged),
        "passed_on": _done(tier.passed_on),
        "next_hops": tier.next_hops.as_json(),
        "reported": _done(tier.reported),
        "declined": tier.declined,
        "after_end": tier.after_end,
        "channels": dict(tier.channels),
        "causes": {cause: count for cause, count in tier.causes.items() if count},
        "marks_seconds": _marks(tier.marks),
        "report_marks_seconds": _marks(tier.report_marks),
        "within_minutes": {
            str(limit // timedelta(minutes=1)): rate.as_json() for limit, rate in tier.within
        },
        "delay_median_seconds": _or_none(tier.delay_median),
    }


def _unreached(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    timeline = evaluation.timeline
    first: dict[NodeId, Miss] = {}
    for miss in evaluation.reach.misses:
        first.setdefault(miss.hop.node, miss)
    for node in evaluation.reach.contacts[-1].unreached:
        miss_of = first.get(node)
        yield {
            "node": node,
            "name": _name(timeline, node),
            "kind": timeline.by_node[node][0].kind,
            "cause": miss_of.cause if miss_of is not None else None,
            "because": list(miss_of.because) if miss_of is not None else [],
        }


def _miss(timeline: Timeline, miss: Miss) -> dict[str, Any]:
    return {
        "inject": miss.hop.inject,
        "node": miss.hop.node,
        "name": _name(timeline, miss.hop.node),
        "kind": miss.hop.kind,
        "what": miss.what,
        "cause": miss.cause,
        "excuse": miss.excuse,
        "failure": miss.failure,
        "origin": miss.origin,
        "origin_cause": miss.origin_cause,
        "left_out": list(miss.left_out),
        "because": list(miss.because),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "inject": finding.inject,
        "kind": finding.kind,
        **finding.confirmed.as_json(),
        "seconds": _or_none(finding.length),
        "lay_at": finding.stay.node if finding.stay is not None else None,
        "lay_on_the_way": finding.stay is not None and finding.stay.is_on_the_way,
        "lay_seconds": _or_none(finding.stay.length if finding.stay is not None else None),
    }


def _path(timeline: Timeline, path: CriticalPath) -> dict[str, Any]:
    return {
        "inject": path.inject,
        "to": path.to,
        "node": path.node,
        "name": _name(timeline, path.node),
        "seconds": _seconds(path.length),
        "segments": [
            {
                "kind": segment.kind,
                "node": segment.node,
                "begin_seconds": _seconds(segment.begin),
                "end_seconds": _seconds(segment.end),
                "seconds": _seconds(segment.length),
                "because": list(segment.because),
            }
            for segment in path.segments
        ],
    }


def _hop(hop: Hop) -> dict[str, Any]:
    times = ("submitted", "notified", "acknowledged", "passed_on", "reported", "unreachable")
    return {
        "inject": hop.inject,
        "node": hop.node,
        "sender": hop.sender,
        "kind": hop.kind,
        "state": hop.state.value,
        **{f"{name}_seconds": _or_none(getattr(hop, f"{name}_at")) for name in times},
        "answered_after_end_seconds": _or_none(hop.answered_after_end_at),
        **{
            f"{name}_seconds": _or_none(getattr(hop, name))
            for name in ("transit", "waiting", "handling", "reporting", "lost")
        },
        "late": hop.is_late,
        "officer": hop.officer,
        "channel": hop.channel,
        "matched_by": hop.matched_by,
        "by_person": hop.by_person,
        "reminders": hop.reminders,
        "stand_ins": hop.stand_ins,
        "calls": hop.calls,
        "failures": [{"officer": n, "failure": why} for n, why in hop.failures],
        "because": sorted(n for numbers in hop.numbers.values() for n in numbers),
    }


def _stop(timeline: Timeline) -> dict[str, Any]:
    """Return who was told of a real-incident stop; nothing where the drill was not stopped."""
    board = timeline.board
    if board.end is None or board.end.reason != "real-incident":
        return {}
    return {
        "stop": {
            "sent": len(board.stop_sent),
            "confirmed": sum(node in board.stop_sent for node in board.stop_confirmed),
            "missing": [node for node in board.stop_sent if node not in board.stop_confirmed],
        }
    }
