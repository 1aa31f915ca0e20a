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

# The sentences of a notice.
windows-comma = ,{" "}
windows-weekday-1 = Mon
windows-weekday-2 = Tue
windows-weekday-3 = Wed
windows-weekday-4 = Thu
windows-weekday-5 = Fri
windows-weekday-6 = Sat
windows-weekday-7 = Sun
windows-every-day = every day
windows-weekdays = { $from }–{ $to }
windows-day = { $weekday } { $day }
windows-day-clock = { $day }, { $clock }
windows-next-day = next day { $clock }
windows-range = { $from } to { $to }
windows-zone-china = China time
windows-zone = { $zone } ({ $offset })
windows-local = your time: {"{}"}
windows-to = to
windows-length = Expected to take { $span }
windows-before = before: { $times }
windows-now-running = The work is going on. News is posted here.
windows-now-verifying = The work is done and is being tested; the service comes back when every test has passed.
windows-now-overdue = It was to end { $end } and is not done yet: { $late } late. We are sorry for the trouble and keep posting here.
windows-now-stage = Stage now: { $stage }.
windows-now-never-started = The scheduled time has passed, but the work has not begun. Please watch this page.
windows-now-not-yet-started = The scheduled start has come; the work has not begun yet.
windows-now-completed = The maintenance was completed { $at }; the service is back.
windows-now-follow-up = Until { $until } you can still report problems with it.
windows-now-cancelled = This maintenance is cancelled; the service runs as usual.
windows-now-stopped = This maintenance was stopped and does not go on.
windows-when-took = Ended { $at }, after { $span }
windows-when-late = { $span } later than planned
windows-when-early = { $span } earlier than planned
windows-when-on-time = As planned
windows-when-planned = { $times }: { $span }
windows-when-open = From { $times }, its end is not fixed
windows-when-overdue = Its scheduled end has passed and it is not over
windows-when-began = Really began { $at }
windows-backup-finished = Backup finished { $at }
windows-backup-planned = Backup will be finished { $at }
windows-data-checked = Data checked { $at }
windows-finish-before = Please finish and save your work by { $at }
windows-hours-slot = { $days } { $from }–{ $to }
windows-hours-open = Somebody is there now
windows-hours-next = Nobody is there now; again from { $at }
windows-tested = Tested
windows-as-usual = Works as usual
windows-interrupted = Interrupted { $times } ({ $span })
windows-affected = Affected { $times } ({ $span })
windows-affected-from = From { $from }
windows-others =
    { $n ->
        [one] { $n } person has reported a problem. We are working on it.
       *[other] { $n } people have reported problems. We are working on them.
    }
windows-others-component = { $n } people have reported problems with “{ $name }”. We are working on them.
windows-stage-assessment = We began to assess the system.
windows-stage-diagnosis = We began to look for the cause.
windows-stage-planning = We began to plan what to do.
windows-stage-implementation = The work began.
windows-stage-testing = Testing began.
windows-stage-restored = Everything is back in service.
windows-answers = What people ask
windows-q-when = When, and how long?
windows-q-concern = Does it concern me?
windows-q-data = Is my data safe?
windows-q-support = How do I reach support?
windows-q-prepare = What should I do before?
windows-progress = Progress
windows-affected-title = What is affected
windows-body = Details
windows-report = Report a problem
windows-survey = Answer the survey (about a minute)
windows-calendar = Add to calendar
windows-demonstration = Demonstration: these windows, reports and answers are made up.
windows-banner-demonstration = Demonstration
windows-home-title = Notices
windows-home-progress = Where it stands
windows-home-full = The whole notice
windows-home-quiet = Nothing is going on
windows-home-quiet-lead = The service runs as usual. If something is wrong, tell us.
windows-home-coming = Coming up
windows-home-none = No maintenance is planned
windows-home-none-detail = It will be shown here when there is some.
windows-home-recent = Recently
windows-home-all = All of it
windows-home-affects = Affects: { $names }
windows-home-from = From { $start }, about { $span }
windows-home-from-open = From { $start }
windows-history-title = History
windows-history-none = No maintenance yet
windows-history-none-detail = Every published maintenance stays here, those moved and cancelled too.
windows-history-next = Earlier
windows-pages = Pages
windows-empty-title = Welcome to Interlude
windows-empty-lead = This server is new. It publishes maintenance notices, takes problem reports while the work goes on, asks how it went, and shows what to do better.
windows-empty-step-1 = In the terminal where the server was started, find the link in the line “set up”.
windows-empty-step-2 = Open it in a browser and make the first administrator; demonstration data can be loaded there to look around.
windows-empty-step-3 = Write and publish the first notice. It will stand on this page.
