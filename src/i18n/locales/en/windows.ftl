# Windows, notices, functions: the words for codes, and what is wrong with what was typed.
state-draft = Draft
state-scheduled = Scheduled
state-in-progress = In progress
state-verifying = Being tested
state-completed = Completed
state-cancelled = Cancelled
state-overdue = Overdue
state-moved = Times changed
stage-before = Before the maintenance
stage-assessment = Assessment
stage-diagnosis = Diagnosis
stage-planning = Planning
stage-implementation = Implementation
stage-testing = Testing
stage-restored = Back in service
stage-after = After it was back
component-impact-none = Not affected
component-impact-degraded = Works, may be slower
component-impact-partial-outage = Partly unavailable
component-impact-major-outage = Unavailable
component-impact-maintenance = Taken down for maintenance
contact-phone = Phone
contact-email = E-mail
contact-link = Web page
contact-chat = Chat or group
contact-other = Other
survey-template-short = Short (satisfaction, saw the notice, comments)
survey-template-full = Full (also recommendation, effort and more)
fold-earlier = the earlier one
fold-later = the later one

error-bad-slug = Only lower-case letters, digits and hyphens, not beginning or ending with a hyphen, e.g. core-upgrade-2026.
error-slug-taken = Another window already has this address. Please choose another.
error-slug-fixed = The notice is published, so its address stays: links that were sent out would break.
error-bad-key = Only lower-case letters, digits and hyphens, not beginning or ending with a hyphen, e.g. month-end.
error-end-before-start = The end must be after the start. Please check the date, and morning or afternoon.
error-end-in-the-past = The scheduled end has passed. Please set a time to come before you publish.
error-window-too-long = A window lasts { $days } days at most. Please shorten it or make several.
error-window-ended = This window is over, so its times no longer change.
error-start-fixed = The work has begun, so its start no longer changes; its end still may.
error-after-window-end = This is after the scheduled end of the window. Please choose an earlier time.
error-interruption-outside-window = The interruption must lie within the scheduled window.
error-out-of-range = Please give a whole number from { $min } to { $max }.
error-not-a-number = Please give a whole number.
error-duplicate-component = The function “{ $key }” is listed twice. Please keep it once.
error-unknown-component = Unknown or retired functions: { $keys }. Please choose from the list of functions.
error-move-not-allowed = The window is { $from ->
        [draft] a draft
        [scheduled] scheduled
        [in_progress] in progress
        [verifying] being tested
        [completed] completed
       *[cancelled] cancelled
    } and cannot become { $to ->
        [draft] a draft
        [scheduled] scheduled
        [in_progress] in progress
        [verifying] being tested
        [completed] completed
       *[cancelled] cancelled
    }. Please reload to see where it stands.
error-untested = These functions are not ticked as tested: { $keys }. All of them must work before the window is completed.
error-tested-required = Please tick the functions that were tested before you complete the window.
error-window-unpublished = This window is still a draft. Please publish its notice first.
error-stage-contradicts = The stage “{ $stage ->
        [assessment] Assessment
        [diagnosis] Diagnosis
        [planning] Planning
        [implementation] Implementation
        [testing] Testing
       *[restored] Back in service
    }” does not go with the state “{ $state ->
        [draft] Draft
        [scheduled] Scheduled
        [in_progress] In progress
        [verifying] Being tested
        [completed] Completed
       *[cancelled] Cancelled
    }”. Please change one of them.
error-unknown-zone = The time zone “{ $zone }” is not known. Please use an IANA name such as Europe/Berlin.
error-bad-time = Please write the time like 2026-11-22T02:31.
error-bad-date = Please write the date like 2026-11-22.
error-impossible-date = There is no { $date } in the calendar. Please check month and day.
error-time-out-of-range = The year must be from { $min } to { $max }.
error-time-in-gap = Clocks in { $zone } go forward from { $gap_start } to { $gap_end } on that day, so { $time } does not exist. Please choose a time before or after.
error-time-ambiguous = Clocks in { $zone } go back on that day, so { $time } occurs twice ({ $earlier } and { $later }). Please choose below which one is meant.
error-too-many = At most { $max }; there are { $count }. Please remove some.
error-bad-weekday = Days of the week are 1 (Monday) to 7 (Sunday).
error-bad-clock-time = Please write the time of day like 09:00, up to 24:00.
error-bad-link = A web address begins with http:// or https:// and is complete.
error-confirm-slug = Please type “{ $slug }” exactly, to confirm.
error-new-window-state = A new window is a draft or scheduled.
error-tested-without-completing = What was tested is sent alone or together with completed.
error-bad-etag = If-Match should be an ETag given here, such as "3".
conflict-move-not-allowed = The window is { $from ->
        [draft] a draft
        [scheduled] scheduled
        [in_progress] in progress
        [verifying] being tested
        [completed] completed
       *[cancelled] cancelled
    } and cannot become { $to ->
        [draft] a draft
        [scheduled] scheduled
        [in_progress] in progress
        [verifying] being tested
        [completed] completed
       *[cancelled] cancelled
    }. Somebody may just have changed it; please reload to see where it stands.
conflict-window-unpublished = This window is still a draft and takes no updates. Please publish its notice first.
conflict-window-was-public = The notice has been public, so the window cannot be deleted. If the work is off, cancel it.
conflict-window-not-running = The window is not in progress, so nothing can be ticked as tested.
