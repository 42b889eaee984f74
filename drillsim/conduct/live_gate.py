"""The last gate before a live drill: asked by its director itself, whoever started that.

The command line asks first and says more; this holds even where something else begins or resumes a
drill, such as a later version of the control room.
"""

from drillsim.conduct.live_guards import require_allowed
from drillsim.drill.exercise import Exercise
from drillsim.drill.recipients import Recipients
from drillsim.files.live_profile import LiveProfile
from drillsim.files.scenario_file import SCENARIO
from drillsim.i18n import _
from drillsim.journal.approval import require_approved
from drillsim.journal.writer import AsyncJournal
from drillsim.problem import UsageError


def require_leave(written: AsyncJournal, exercise: Exercise, profile: LiveProfile) -> None:
    """Make sure that a drill may write to real people: before its first event, and on resume.

    Raises:
        UsageError: nobody approved it, or what was approved is another drill; or an address is not
            in the profile's allow-list.
        JournalError: its journal cannot be read.
    """
    journal = written.journal
    approval = require_approved(journal.path)
    recipients = Recipients(exercise)
    kept = journal.opening.files
    is_same = (
        approval.scenario == exercise.scenario.id
        and approval.recipients == recipients.bodies
        and all(
            kept.get(name) == digest
            for name, digest in approval.files.items()
            if name != SCENARIO  # Its start is that of the approval.
        )
    )
    if not is_same:
        raise UsageError(_("another drill than this one was approved; begin it anew"))
    require_allowed(recipients, profile.allows)
