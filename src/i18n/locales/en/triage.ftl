# What support sees: the overview, the queue, triage and entering by phone.
error-ends-before-start = The end is before the start. Please check both.
error-shift-and-times = Please choose either a shift or times, not both.
error-no-such-assignee = There is no such person, or their role may not triage. Please choose from the list.
conflict-status-move = The status cannot go there from where it is now. Please choose one of those offered.
conflict-report-erased = What this report said has been erased, so nobody could read an answer.
