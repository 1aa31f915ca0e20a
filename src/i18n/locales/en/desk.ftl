# Around the queue: urgency in words, targets, acts on many, canned answers, saved filters, alarms, keys.
reason-severity-critical = critical
reason-severity-high = high severity
reason-severity-medium = medium severity
reason-severity-low = low severity
reason-people-10 = { $n ->
    [one] 1 person in 10 minutes
   *[other] { $n } people in 10 minutes
}
reason-people-60 = { $n ->
    [one] 1 person in an hour
   *[other] { $n } people in an hour
}
reason-people-1440 = { $n ->
    [one] 1 person in a day
   *[other] { $n } people in a day
}
reason-overdue = overdue
reason-wrote = wrote again
wrote-again = Wrote again
queue-wrote = Since the last answer
reason-waiting = waiting { $span }
due-overdue = Overdue
due-soon = Due soon
queue-urgency = Urgency
queue-due = Due
queue-verdict = Reporter says
queue-me = Me
queue-mine = Mine
queue-overdue = Overdue
queue-caption-sorted =
    { $n ->
        [one] 1 report
       *[other] { $n } reports
    }
queue-sort-oldest = Oldest first
queue-sort-due = Due first
queue-news = { $n ->
    [one] 1 new report
   *[other] { $n } new reports
}
queue-news-show = Show
queue-news-mark = Just in
queue-news-none = New reports show up here.
error-no-such-person = There is no such person. Please choose from the list.
error-bad-filter = This filter cannot be kept. Please set it again in the queue.
error-too-many-filters = You keep as many filters as one person can. Please forget one first.
error-nothing-chosen = No report is selected. Please tick some, or choose all that the filter finds.
error-nothing-asked = Nothing is to be changed. Please choose at least one change.
error-answer-and-canned = Please choose a canned answer or type one, not both.
error-confirm-number = Please type the number { $number } to confirm.
error-no-such-report = There is no report with this reference. Please check it.
error-duplicate-of-required = Please say which report this one repeats.
error-duplicate-of-itself = A report cannot repeat itself. Please name another one.
error-duplicate-and-status = A report that repeats another one is a duplicate. Please choose that status, or leave the reference empty.
error-resolution-before-answer = The solution cannot be due before the first answer.
conflict-filter-needs-person = Only people keep filters, not programs.
conflict-alarm-decided = { $by } has decided about this alarm already. Below is how it stands.
conflict-bulk-too-many = More than { $max } reports. Please narrow the filter.
conflict-bulk-not-yours = Somebody else asked for this. Please ask for it yourself in the queue.
conflict-bulk-not-finished = This is not finished yet. Please wait until it is, then take it back.
conflict-bulk-undone = This was taken back already.
conflict-bulk-nothing = There is nothing to take back.
desk-nav = Pages around the queue
desk-queue = Queue
report-close = Close
report-quick = Next step
report-assign-me = Assign to me
report-acknowledge = Acknowledge
report-begin = Work on it
report-reopen = Reopen
report-heard = Needs no answer
history-heard = Read what the reporter wrote; no answer needed
history-original-resolved = Told that the report it repeats is resolved
history-original-closed = Told that the report it repeats is closed
report-answer-repeated = Those whose reports repeat this one read the answer, too: please write nothing that is meant for one person alone.
report-answer-waiting = Ask and wait
report-answer-language = The reporter reads { $language }.
report-duplicate-of = Repeats report
report-repeats = This report repeats
report-repeated-by = { $n ->
    [one] 1 report repeats this one:
   *[other] { $n } reports repeat this one:
}
report-answer-due = First answer due
report-answered-at = answered
report-resolution-due = Resolution due
report-clock-stopped = the clock is stopped while the reporter is asked
history-duplicate-of = Repeats { $reference }
history-duplicate-no-more = No longer a duplicate
receipt-event-duplicate = Same problem as another report
answers-title = Canned answers
answers-about = Written once in each language, inserted in the one that the reporter reads. {"{reference}"} becomes the report's reference.
answers-canned = Canned answer
answers-insert = Insert
answers-add = Add an answer
answers-name = Name
answers-body = Answer
answers-body-hint = At most 2,000 characters.
answers-edit = Edit
answers-not-written = Not written; the default language is used.
answers-none = No canned answers yet
answers-none-hint = What you answer often can be written here once.
answers-done-added = The answer was added.
answers-done-changed = The answer was changed.
answers-done-removed = The answer was removed.
answers-changed-meanwhile = A colleague changed this answer while you were typing
answers-changed-meanwhile-hint = What you typed is not saved yet. Below is how it stands now; save again to replace it.
answers-remove = Remove this answer
answers-remove-about = What was answered with it stays.
filters-title = Saved filters
filters-about = Filters of the queue under a name. Shared ones are seen by everybody who may see reports; “Me” in a shared filter means whoever opens it.
filters-name = Name
filters-owner = By
filters-shared = Seen by
filters-with-all = everybody
filters-own = only me
filters-share = Share with everybody
filters-save = Save
filters-save-as = Save this filter as
filters-forget = Forget
filters-none = No saved filters yet
filters-none-hint = Set a filter in the queue and save it under a name.
filters-count = { $n ->
    [one] 1 saved filter
   *[other] { $n } saved filters
}
filters-done-forgotten = The filter was forgotten.
bulk-title = Bulk changes
bulk-about = What was done to several reports at once in the last 30 days, and what became of each.
bulk-none = No bulk changes yet
bulk-none-hint = Select reports in the queue, or take all that a filter finds.
bulk-caption = The latest first
bulk-who = By
bulk-when = When
bulk-what = What is done
bulk-reports = Reports
bulk-undone = taken back
bulk-select = Select
bulk-select-all = Select all on this page
bulk-select-one = Select { $reference }
bulk-change-several = Change several reports
bulk-which = Which reports
bulk-scope-selected = Those selected on this page
bulk-scope-all = All { $n } that the filter finds
bulk-unchanged = Leave as it is
bulk-no-canned = None
bulk-canned-hint = Each reporter gets it in their language.
bulk-answer = Or an answer of your own, to all of them
bulk-preview = Preview
bulk-preview-hint = Nothing is changed before you confirm.
bulk-chosen = { $n ->
    [one] 1 report is selected.
   *[other] { $n } reports are selected.
}
bulk-first = The first { $n } of { $total }
bulk-about-to = { $n ->
    [one] Change 1 report?
   *[other] Change { $n } reports?
}
bulk-running = { $n ->
    [one] 1 report is being changed
   *[other] { $n } reports are being changed
}
bulk-done = { $n ->
    [one] 1 report is done
   *[other] { $n } reports are done
}
bulk-back = Back to the queue
bulk-can-leave = You can leave this page; the work goes on.
bulk-progress = Progress
bulk-refresh = Refresh
bulk-was-undone = This was taken back.
bulk-see-undo = See what became of it
bulk-does-undo = Takes act { $id } back: what it changed becomes what it was, where nobody has changed it since.
bulk-does-status = Status becomes “{ $value }”.
bulk-does-duplicate = They repeat { $value }.
bulk-does-severity = Severity becomes “{ $value }”.
bulk-does-assignee = Assignee becomes { $value }.
bulk-does-note = A note for colleagues is added.
bulk-does-answer = Every reporter is answered.
bulk-does-answer-in = Reporters who read { $language } are answered:
bulk-asked-by = Asked for by { $name },
bulk-confirm-title = Confirm
bulk-confirm = { $n ->
    [one] Change 1 report
   *[other] Change { $n } reports
}
bulk-can-undo = It can be taken back afterwards.
bulk-final = Answers cannot be taken back: reporters may have read them.
bulk-type-number = Type { $n } to confirm
bulk-undo = Take it back
bulk-undo-about = Every report that this changed and nobody has changed since becomes what it was. Answers and notes stay.
bulk-outcome-changed = Changed
bulk-outcome-same = As before
bulk-outcome-conflict = Conflicts
bulk-outcome-refused = Not possible
bulk-outcome-note-changed = done
bulk-outcome-note-same = were so already
bulk-outcome-note-conflict = Somebody changed them meanwhile; they were left as they are.
bulk-outcome-note-refused = From where they stand there is no way there, or what they said was erased.
alarm-title = Alarms
alarm-about = A function that nobody announced is reported more than is usual for it at this time of day.
alarm-headline = { $n ->
    [one] { $name }: reported by 1 person
   *[other] { $name }: reported by { $n } people
}
alarm-detail = Within { $minutes } minutes; usually { $expected }. Since { $since }.
table-save = Save this table (CSV)
table-narrow = Search and filter
table-text = Contains
table-found = { $found } of { $n }
table-none-found = Nothing matches
table-foot = Pages and files
table-save-as = Save as { $format }
action-table-export = Exported a table
bulk-state = State
bulk-state-running = running
bulk-state-undone = taken back
bulk-state-done = done
alarm-now = Now
alarm-goes-on = goes on
alarm-is-over = over
table-year = Year
surveys-start = Start
components-elsewhere = Other languages
surveys-responses-cut = The latest 20,000 are listed here; exports have all of them.
sentence-gap = {" "}
alarm-why-unannounced = The notice of the running window does not announce it.
alarm-why-after = The window is over.
alarm-why-outside = No window is under way.
alarm-no-component = No function named
alarm-announce = Announce it
alarm-window-title = Trouble with { $name }
alarm-update = Post an update
alarm-reports = Show the reports
alarm-acknowledge = I'll handle it
alarm-dismiss = Not a problem
alarm-by-acknowledged = { $by } sees to it since { $at }.
alarm-by-dismissed = { $by } dismissed it at { $at }.
alarm-undecided = { $n ->
    [one] One alarm waits for somebody to decide
   *[other] { $n } alarms wait for somebody to decide
}
alarm-state-raised = Undecided
alarm-state-acknowledged = Seen to
alarm-state-dismissed = Dismissed
alarm-none = No alarms
alarm-none-hint = If a function is reported more than usual, it is said here and above the queue.
alarm-caption = The latest first
alarm-what = What
alarm-state = State
alarm-raised-at = Raised
alarm-ended-at = Over
alarm-news = { $n ->
    [one] 1 alarm that nobody has decided about
   *[other] { $n } alarms that nobody has decided about
}
alarm-update-text = We are seeing more reports than usual about { $name }. We are looking into it and will post here as soon as we know more.
todo-title = In this order
todo-overdue = { $n ->
    [one] 1 report is overdue
   *[other] { $n } reports are overdue
}
todo-overdue-why = an answer or a solution was promised by now
todo-critical = { $n ->
    [one] 1 critical report that nobody looks after
   *[other] { $n } critical reports that nobody looks after
}
todo-critical-why = critical, or data lost and not looked at; at the top of this list
todo-not-fixed = { $n ->
    [one] 1 reporter says it is not fixed
   *[other] { $n } reporters say it is not fixed
}
todo-not-fixed-why = we said it was
todo-wrote = { $n ->
    [one] 1 reporter wrote again
   *[other] { $n } reporters wrote again
}
todo-wrote-why = after the last answer, some to reports that are done
todo-me-toos = { $n ->
    [one] 1 person with a known issue wrote or says it is not fixed
   *[other] { $n } people with known issues wrote or say it is not fixed
}
todo-me-toos-why = they said “me too” and have not been answered since
todo-soon = { $n ->
    [one] 1 report is due soon
   *[other] { $n } reports are due soon
}
todo-soon-why = there is still time to keep the promise
todo-new = { $n ->
    [one] 1 report that nobody has read
   *[other] { $n } reports that nobody has read
}
todo-new-why = most urgent first
todo-own = { $n ->
    [one] 1 open report is yours
   *[other] { $n } open reports are yours
}
todo-own-why = assigned to you
keys-title = Keyboard shortcuts
keys-next = next and previous report
keys-open = open on a page of its own
keys-pane = open beside the list
keys-assign = assign to me
keys-answer = answer
keys-status = change the status
keys-select = select
keys-news = show what has come in
keys-search = search
keys-back = back to the list
keys-list = this list
keys-on = Shortcuts are on
rules-title = Triage rules
rules-about = What makes a report urgent, by when support answers, and when support is there.
rules-saved = The rules are saved.
rules-changed-meanwhile = A colleague changed the rules while you were typing
rules-changed-meanwhile-hint = What you typed is not saved yet. Save again to replace what your colleague set.
rules-targets = Targets
rules-targets-about = In minutes of open support hours after a report came in. Receipts promise the first answer. Promises that were made are kept when these change.
rules-answer = First answer within (minutes)
rules-resolution = Resolved within (minutes)
rules-presumed = Taken for reports without a severity
rules-presumed-critical = whose data are lost or wrong
rules-presumed-high = of people who cannot go on
rules-presumed-medium = of people who are slowed down
rules-presumed-low = that hardly matter
rules-soon = Due soon, for how many minutes before
rules-soon-hint = Minutes of the clock.
rules-hours = Support hours
rules-hours-about = For reports outside of every window, and for windows that name no hours. Empty rows are left out; without any, receipts promise no time.
rules-weights = Urgency
rules-weights-about = Points, from 0 to 1,000. A report's urgency is the sum of what applies to it; the severity replaces the impact.
rules-components = Functions
rules-components-about = Points that every report about the function gets.
rules-save = Save the rules
weight-critical = Severity: critical
weight-high = Severity: high
weight-medium = Severity: medium
weight-low = Severity: low
weight-data-loss = Impact: data loss
weight-blocked = Impact: cannot go on
weight-slowed = Impact: slowed down
weight-cosmetic = Impact: hardly matters
weight-spread = Each doubling of the people within an hour
weight-spread-max = At most for the number of people
weight-hour = Each hour without an answer
weight-hour-max = At most for waiting
weight-overdue = A promise is overdue
weight-wrote = The reporter wrote after the last answer
action-triage-rules = Changed the triage rules
action-report-bulk = Changed several reports at once
action-answer-add = Added a canned answer
action-answer-change = Changed a canned answer
action-answer-remove = Removed a canned answer
action-alarm-decide = Decided about an alarm
