# Exports and imports.
export-yes = yes
export-no = no
export-list-separator = {", "}
export-subject-reports = Problem reports
export-subject-survey-responses = Survey responses
export-subject-windows = Maintenance windows
export-subject-updates = Updates
export-subject-insights = Figures
export-report-reference = Reference
export-report-window = Maintenance
export-report-stage = Stage
export-report-occurred = Occurred at
export-report-received = Received at
export-report-since-start = Since start (minutes)
export-report-component = Function
export-report-category = Category
export-report-impact = Impact
export-report-severity = Severity
export-report-status = Status
export-report-known-issue = Known issue
export-report-me-too = Others with it
export-report-description = Description
export-report-error-message = Error message
export-report-latest-answer = Latest answer
export-report-answer-minutes = Time to first answer (minutes)
export-report-resolution-minutes = Time to resolution (minutes)
export-report-verified = Confirmed by reporter
export-report-assignee = Assignee
export-report-source = Source
export-report-account = Account or order number
export-report-contact = Contact
export-response-reference = Response
export-response-submitted = Submitted at
export-response-language = Language
export-response-invited = By invitation
export-response-exposure = How affected
export-response-saw-notice = Saw the notice
export-response-csat = Satisfaction (1–5)
export-response-nps = Recommendation (0–10)
export-response-ces = Ease (1–7)
export-response-comment = Comment
export-response-complete = Complete
export-window-state = State
export-window-start = Scheduled start
export-window-end = Scheduled end
export-window-zone = Time zone
export-window-announced = Announced at
export-window-started = Started at
export-window-ended = Ended at
export-window-components = Affected functions
export-window-component = { $name } ({ $impact })
export-window-audience = Audience
export-window-body = Notice
export-window-updates = Updates
export-window-slug = Address
export-update-posted = Posted at
export-update-body = Update
export-insight-measure = Figure
export-insight-part = Of which
export-insight-unit = Unit
export-insight-value = Value
export-insight-n = n
export-insight-low = 95% interval, from
export-insight-high = 95% interval, to
export-measure-schedule-lead = Notice given ahead
export-measure-schedule-planned = Planned duration
export-measure-schedule-actual = Actual duration
export-measure-schedule-overrun = Overrun
export-measure-schedule-moves = Times moved
export-measure-schedule-updates = Updates
export-measure-reports-total = Reports
export-measure-reports-open = Open reports
export-measure-reports-unknown-time = Reports without a time
export-measure-reports-stage = Reports by stage
export-measure-reports-component = Reports by function
export-measure-reports-category = Reports by category
export-measure-reports-impact = Reports by impact
export-measure-reports-status = Reports by status
export-measure-reports-first-answer-median = Time to first answer, median
export-measure-reports-first-answer-p90 = Time to first answer, 90th percentile
export-measure-reports-resolution-median = Time to resolution, median
export-measure-reports-resolution-p90 = Time to resolution, 90th percentile
export-measure-survey-complete = Complete responses
export-measure-survey-partial = Partial responses
export-measure-survey-csat = Satisfied (share of 4–5)
export-measure-survey-csat-mean = Mean satisfaction
export-measure-survey-csat-answers = Satisfaction, answers by point
export-measure-survey-nps = Net promoter score
export-measure-survey-nps-group = Recommendation, answers by group
export-measure-survey-nps-answers = Recommendation, answers by point
export-measure-survey-ces = Ease
export-measure-survey-ces-answers = Ease, answers by point
export-measure-survey-saw-notice = Share who saw the notice
export-measure-survey-saw-notice-yes = Saw the notice
export-measure-survey-answers = Answers to other questions
export-unit-count = count
export-unit-share = share
export-unit-score = score (−100 to 100)
export-unit-points = points
export-unit-seconds = seconds
export-nps-promoters = Promoters
export-nps-passives = Passives
export-nps-detractors = Detractors
exports-title = Exports
exports-lead = Choose what and in which format. Every export is noted in the audit log.
exports-subject = What
exports-kind = Format
exports-kind-xlsx-sheet = Excel sheet (XLSX)
exports-kind-about-xlsx-sheet = To read, filter and report in Excel or WPS
exports-kind-csv-sheet = Sheet as text (CSV)
exports-kind-about-csv-sheet = The same titles and local times as plain text
exports-kind-csv-machine = Data, CSV
exports-kind-about-csv-machine = Codes and UTC times, for programs and for importing again
exports-kind-jsonl-machine = Data, JSON Lines
exports-kind-about-jsonl-machine = One JSON object a line, for programs and for importing again
exports-kind-xlsx-machine = Data, XLSX
exports-kind-about-xlsx-machine = The columns of the data CSV in a workbook
exports-window = Maintenance
exports-window-hint = All of them if left empty
exports-from = From date
exports-from-hint = In the service's time zone, this day included
exports-to = To date
exports-contacts = With contacts, account and order numbers
exports-contacts-hint = Problem reports only. The audit log says whether they were included; keep the file safe.
exports-submit = Download
import-unknown-column = We have no column “{ $column }”; ours are: { $known }
error-no-such-template = There is no survey template “{ $template }” here. Please make one with this key first, or take a built-in one: --value { $column }:{ $template }=short
import-no-such-column = The file has no column “{ $column }”; it has: { $known }
import-problem = { $column }: { $reason }
import-problem-separator = {"; "}
import-bad-row = Line { $line }: { $what }
import-more-bad-rows =
    { $n ->
        [one] And { $n } more bad row, not named here.
       *[other] And { $n } more bad rows, not named here.
    }
import-unused = Columns not used: { $columns }
import-checking = Checking
import-writing = Writing
import-checked =
    { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }: { $good } good, { $bad } bad.
import-nothing-changed =
    { $bad ->
        [one] Nothing was changed because of 1 bad row. Mend it, or leave it out with --skip-bad.
       *[other] Nothing was changed because of { $bad } bad rows. Mend them, or leave them out with --skip-bad.
    }
import-dry-run = Only checked; nothing was changed.
import-file-changed = The file changed after it was checked; nothing was changed here. Try again.
import-done = { $new } new, { $known } already here, { $refused } left out.
import-components =
    { $n ->
        [one] { $n } function was added.
       *[other] { $n } functions were added.
    }
import-strangers =
    { $n ->
        [one] { $n } row names an assignee who is not known here; it has none now.
       *[other] { $n } rows name an assignee who is not known here; they have none now.
    }
error-wrong-width =
    This row has { $count ->
        [one] 1 column
       *[other] { $count } columns
    } instead of { $expected }; a quote may be missing.
error-not-yes-or-no = Write true or false.
error-zone-needed = The time has no offset; say its zone with --zone.
error-column-needed = The file must have this column; name it with --map or --set.
error-answer-column-needed = At least one column must hold answers; name it with --map.
export-response-other = { $question } – { $choice }
