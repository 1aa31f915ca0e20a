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
    }. Please look at where it stands now.
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
error-time-ambiguous = Clocks in { $zone } go back on that day, so { $time } occurs twice ({ $earlier } and { $later }). Please choose which one is meant.
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
    }. Somebody may just have changed it; please look at where it stands now.
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
windows-every-day = Every day
windows-hours-always = Around the clock
windows-weekdays = { $from }–{ $to }
windows-day = { $weekday } { $day }
windows-day-clock = { $day }, { $clock }
windows-next-day = { $clock } the next day
windows-range = { $from } to { $to }
windows-zone-china = China time
windows-zone = { $zone } ({ $offset })
windows-local = Your time: {"{}"}
windows-to = to
windows-length = Expected to take { $span }
windows-before = Originally { $times }
windows-now-running = Maintenance is in progress. Updates are posted here.
windows-now-running-until = Maintenance is in progress and should end at { $end }. Updates are posted here.
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
windows-when-planned = { $times }, { $span } in all
windows-when-open = From { $times }, its end is not fixed
windows-when-overdue = Its scheduled end has passed and it is not over
windows-when-began = Actual start: { $at }
windows-backup-finished = Backup finished { $at }
windows-backup-planned = Backup will be finished { $at }
windows-data-checked = Data checked { $at }
windows-finish-before = Please finish and save your work by { $at }
windows-hours-slot = { $days } { $from }–{ $to }
windows-hours-open = Support is available now
windows-hours-next = Closed now; available again from { $at }
windows-tested = Tested
windows-as-usual = Works as usual
windows-interrupted = Interruption: { $times } ({ $span })
windows-affected = Affected: { $times } ({ $span })
windows-affected-from = From { $from }
windows-others =
    { $n ->
        [one] { $n } report of a problem has come in. We are working on it.
       *[other] { $n } reports of problems have come in. We are working on them.
    }
windows-others-component =
    { $n ->
        [one] { $n } report of a problem with “{ $name }” has come in. We are working on it.
       *[other] { $n } reports of problems with “{ $name }” have come in. We are working on them.
    }
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
windows-q-prepare = What should I do?
windows-progress = Progress
windows-affected-title = What is affected
windows-body = Details
windows-report = Report a problem
windows-survey = Answer the survey
windows-calendar = Add to calendar
windows-demonstration = Demonstration: these windows, reports and answers are made up.
windows-banner-demonstration = Demonstration
windows-home-title = Notices
windows-home-progress = Current progress
windows-home-full = Read the full notice
windows-home-quiet = Nothing is going on
windows-home-quiet-lead = The service runs as usual. If something is wrong, tell us.
windows-home-coming = Coming up
windows-home-none = No maintenance is planned
windows-home-none-detail = It will be shown here when there is some.
windows-home-recent = Recent maintenance
windows-home-all = Full history
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

# The pages on which windows are written.
editor-new = New window
editor-edit = Edit
editor-all = All
editor-by-state = By state
editor-list = All windows, the latest start first
editor-none = No windows yet
editor-none-detail = Make one, write its notice and publish it; then users see it.
editor-state = State
editor-times = Times
editor-optional = optional
editor-stale = Somebody changed this window while you were writing
editor-stale-detail = What you typed is still below. Please look at what is there now; saving again puts yours in its place.
editor-public = The notice is public: what you save is seen at once. If you change the times, the old ones stay visible.
editor-texts = The notice
editor-text-title = Title
editor-text-title-hint = What it is, in one line.
editor-text-audience = Whom it concerns
editor-text-audience-hint = The first line stands out; say also who is not affected.
editor-text-advice = What to do before
editor-text-advice-hint = For example, post journals, save drafts.
editor-text-backup = Backup statement
editor-text-backup-hint = Whether the data are safe, and how they are backed up.
editor-text-body = Details
editor-text-body-hint = Markdown: headings, lists, links, tables.
editor-slug = Address
editor-slug-hint = Stands in links; made from the title if left blank, fixed once published.
editor-start = Scheduled start
editor-end = Scheduled end
editor-zone = Time zone
editor-fold = Clocks go back: which one?
editor-finish-before = Users should finish their work by
editor-follow-up = Takes reports after the end for (hours)
editor-start-by-clock = Start by itself when its time comes
editor-start-by-clock-hint = Otherwise somebody starts it.
editor-complete-by-clock = Complete by itself at the scheduled end
editor-complete-by-clock-hint = Better not: completing should be somebody's word that everything was tested.
editor-no-components = There are no functions to choose from.
editor-add-components = Add functions first
editor-components-hint = Choose what is affected. A blank interruption means the whole window.
editor-component = Function
editor-impact = Impact
editor-not-listed = Not in the notice
editor-interruption-start = Interrupted from
editor-interruption-end = Interrupted until
editor-data = Safety of the data
editor-backup-finished = Backup finished
editor-data-checked = Data checked after the work
editor-support = Support
editor-contacts = How to reach it
editor-contact-kind = Means
editor-contact-label = Name
editor-contact-value = Number or address
editor-add-row = Add a row
editor-hours = When somebody is there
editor-hours-hint = Reporters are told by this when they will be answered. An end not after its start is on the next day, e.g. 22:00 to 06:00.
editor-hours-days = Days
editor-hours-from = From
editor-hours-to = To
editor-hours-zone = Time zone of these hours
editor-hours-zone-hint = That of the window if left blank.
editor-survey = The survey afterwards
editor-survey-template = Questions
editor-survey-days = Open for (days)
editor-save = Save draft
editor-save-public = Save and make public
editor-publish = Publish
editor-publish-hint = Everybody sees it then, and its address stays.
editor-preview = Preview
editor-preview-draft = Preview: not published, nobody else sees it.
editor-preview-public = Preview: it is published and looks just like this.
editor-back = Back
editor-public-page = Public notice
editor-facts = In short
editor-address = Address
editor-to-insights = See the figures
editor-start-now = Start now
editor-starts-itself = It starts by itself at its scheduled start; it can be started now, too.
editor-starts-by-hand = It does not start by itself. Please start it when the work begins.
editor-update = Post an update
editor-update-body = What to say (Markdown)
editor-stage = Stage
editor-stage-hint = “Testing” also makes its state “Being tested”.
editor-verify = Begin testing
editor-complete = Complete
editor-complete-hint = Tick each function that was tested and works; it can be completed when all are ticked.
editor-tick = Only save the ticks
editor-move = Change the times
editor-move-hint = The old times stay in the public notice. Interruptions move along with the start.
editor-cancel = Cancel the window
editor-cancel-hint = Its notice stays public and says that it is cancelled. This cannot be undone.
editor-confirm = Type “{ $slug }” to confirm
editor-remove = Delete the draft
editor-remove-hint = It was never public. This cannot be undone.
editor-done-created = The draft is saved. Look at the preview, then publish it.
editor-done-edited = Saved.
editor-done-published = The notice is public.
editor-done-started = The work has begun.
editor-done-verifying = Testing has begun.
editor-done-ticked = The ticks are saved.
editor-done-completed = The window is completed.
editor-done-cancelled = The window is cancelled.
editor-done-moved = The times are changed.
editor-done-updated = The update is public.
components-lead = The parts of the service that maintenance can affect, such as log-in or exports. Reporters choose from them, too.
components-none = No functions yet
components-none-detail = Begin with the few that users need most, in the words they use.
components-count =
    { $n ->
        [one] { $n } function
       *[other] { $n } functions
    }
components-key = Key
components-key-hint = For the API and exports; made from the English name if left blank.
components-name = Name
components-add = Add a function
components-rename = Rename
components-retire = Retire
components-retire-hint = It is no longer offered; windows and reports that have it keep it.
components-offer = Offer again
components-retired = Retired
components-offered = Offered
components-done-added = The function is added.
components-done-renamed = The function is renamed.
components-done-retired = The function is retired.
components-done-offered = The function is offered again.
