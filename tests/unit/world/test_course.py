"""What becomes of a mail is decided when it is handed over, each time anew."""

from drillsim.drill import events as ev
from drillsim.world.course import Course
from tests.simulation.drills import shipped


def test_what_became_of_the_first_try_is_still_known_when_there_was_a_second() -> None:
    course = Course(shipped("off-hours-contact-check"), 7)
    decided = {}
    for event in course.run():
        if isinstance(event, ev.Submitted | ev.Retried):
            decided[event] = course.carriage(event)
    tried_again = {event.mail for event in decided if isinstance(event, ev.Retried)}
    assert tried_again
    assert course.last is not None

    resumed = Course(course.exercise, 7)
    resumed.restore(list(Course(course.exercise, 7).run()), course.last)
    found = {event: resumed.carriage(event) for event in decided}
    assert found == decided
