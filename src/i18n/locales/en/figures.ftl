# What windows taught, and whether a later window shows it.
error-unknown-source = It is not clear what this improvement came from. Please follow the link from a figure, a comment, a known issue or a report.
error-same-window = A window cannot show what was learnt from itself. Please choose a later one.
error-not-later = This window starts before the one the improvement came from. Please choose a later one.

# The titles of figures in sheets.
export-measure-reports-component-severe = Reports by function: blocked or data lost
export-measure-reports-unannounced = Reports of functions that were not announced
export-measure-reports-first-answer-in-time = Answered within target
export-measure-reports-resolution-in-time = Resolved within target
export-measure-reports-verified = Fixes that reporters confirm
export-measure-reports-verified-fixed = Reporters who confirmed the fix
export-measure-survey-response-rate = Response rate of those invited
export-measure-survey-invited = Invited to the survey
export-measure-survey-invited-told = Invited, and told of it
export-measure-survey-invited-answered = Invited, and answered
export-measure-survey-begun = Responses begun
export-measure-survey-answered = Answered, by question
export-measure-survey-left-after = Left after, by question
export-measure-survey-informed-csat = Satisfied: saw the notice, and did not
export-measure-survey-informed-nps = Net promoter score: saw the notice, and did not
export-measure-survey-informed-ces = Ease: saw the notice, and did not
export-measure-survey-exposed-csat = Satisfied: known to be affected, and others
export-measure-survey-exposed-nps = Net promoter score: known to be affected, and others
export-measure-survey-exposed-ces = Ease: known to be affected, and others
export-group-yes = yes
export-group-no = no
export-group-difference = difference

# Measures, and what is said of their differences.
measure-csat = Satisfied (4–5)
measure-nps = Net promoter score
measure-ces = Ease (1–7)
measure-saw-notice = Saw the notice beforehand
measure-answered-in-time = Answered within target
measure-resolved-in-time = Resolved within target
measure-fixes-verified = Fixes confirmed by reporters
measure-lead = Notice given ahead
measure-overrun = Overrun
method-newcombe = Newcombe interval of two shares
method-adjusted-wald = Adjusted Wald interval of two scores
method-welch = Welch t interval of two means
method-fact = Known exactly
change-same = The same
error-two-windows = Please choose two different windows to compare.

# Pictures.
insights-plot-until = Until
insights-plot-stages = Stage
insights-plot-updates = Updates
insights-plot-most = { $count } at { $when }
insights-plot-workaround = Known, with a workaround: { $title }
insights-plot-svg = Download as SVG
insights-plot-csv = Download as CSV
insights-reports-short = Reports
insights-promoters = Promoters
insights-passives = Passives
insights-detractors = Detractors
insights-answers-title = How people took it
insights-answers-caption = Bars show all answers from best to worst. Below each bar the figure stands on its own scale, with its 95% interval.
insights-measure = Measure
insights-figure = Figure
insights-interval-title = 95% interval
insights-measures = Measure by measure
insights-trends = From window to window
insights-trends-note = Dots are the figures of each window, lines their 95% intervals; hollow dots have too few answers. Windows are in the order in which they began.
insights-trend-description = From { $first } to { $last }.
insights-along = What satisfaction went along with
insights-along-note = One dot is one window. That two things go together does not say that one brings about the other.
insights-against-lead = Satisfaction and notice given ahead
insights-against-overrun = Satisfaction and overrun
insights-against-description =
    { $n ->
        [one] { $n } window.
       *[other] { $n } windows.
    }

# Two windows side by side.
insights-compare = Compare two windows
insights-comparison = Two windows side by side
insights-comparison-of = { $window } compared with { $base }
insights-comparison-caption = Hollow: the earlier window; filled: the later one. Lines are 95% intervals.
insights-compare-base = Compared with
insights-compare-window = Window
insights-swap = Swap
insights-compared = { $measure }: { $change }
insights-compare-nothing = Nobody can tell from these figures that one window went better than the other.
insights-compare-better = Better: { $measures }.
insights-compare-worse = Worse: { $measures }.
insights-compare-both = Better: { $better }. Worse: { $worse }.
insights-compare-empty = Neither window has answers or targets to compare.
insights-compare-minimum = Fewer than { $n } answers or reports on either side are not compared.
insights-compare-method = Better or worse is said only where the p adjusted for all measures above is below 0.05 (Holm 1979), so that the chance of saying it anywhere without a difference is at most 5%. Shares: Newcombe 1998; net promoter score: adjusted Wald; ease: Welch’s t; and none says more than chance alone allows with these answers (mid-p of the permutation test, for shares Fisher’s).
insights-adjusted-p = p (Holm)
insights-change = What may be said
insights-method = Method
insights-all-alike = answers all alike
insights-points = { $n } points
insights-facts = Known exactly

# Announced beside reported, groups, drop-off.
insights-components = Announced and reported, by function
insights-component = Function
insights-severe = Blocked or data lost
insights-worst = Worst reported
insights-surprise = Compared
insights-not-announced = Not announced
surprise-as-announced = As announced
surprise-quiet = No reports
surprise-worse = Worse than announced
surprise-unannounced = Unannounced
insights-groups = Who answered how
insights-groups-note = Known to be affected are those who reported, said “me too” or were invited for it. The interval is that of the difference.
insights-split = Groups
insights-group-yes = Yes
insights-group-no = No
split-informed = Saw the notice beforehand
split-exposed = Known to be affected
insights-drop-off = How far people came
insights-begun = { $begun } began, { $finished } finished
insights-question = Question
insights-answered = Answered
insights-left = Left after it
insights-response-rate =
    { $n ->
        [one] Of { $n } invited person { $k } answered ({ $rate }, { $interval }).
       *[other] Of { $n } invited people { $k } answered ({ $rate }, { $interval }).
    }
insights-response-rate-few =
    { $n ->
        [one] Of { $n } invited person { $k } answered.
       *[other] Of { $n } invited people { $k } answered.
    }
insights-invited-told =
    { $n ->
        [0] None of the invited has been told of it yet.
        [one] { $n } of the invited has been told of it.
       *[other] { $n } of the invited have been told of it.
    }
insights-sentence-space = { " " }
insights-in-time = { $share }% within target ({ $k } of { $n })
insights-in-time-few = { $k } of { $n } within target

# Comments.
insights-comments-more = Search all comments
insights-comments-search = Search
insights-comments-find = Search
insights-comments-all = Show all
insights-terms = Used most
insights-terms-note = How many comments of finished responses use the word, of the latest 5,000. Choose one to see them.

# Improvements.
improvements-title = Improvements
improvements-lead = What windows taught, who sees to it, and whether a later window shows it.
improvements-filter = Which improvements
improvements-show-open = To be done
improvements-show-over = Done or dropped
improvements-show-all = All
improvements-none = No improvements here
improvements-none-detail = Make one from a figure, a comment, a known issue or a report: look for “Make an improvement of this”.
improvements-note = Whether an improvement shows is said by the figures of the later window, compared with the window it came from.
improvement-add = Write an improvement
improvement-title = What we will do better
improvement-title-hint = One sentence that the next team understands.
improvement-detail = More about it
improvement-owner = Owner
improvement-status = Status
improvement-from = Came from
improvement-shown-by = Should show in
improvement-shown-by-hint = The later window whose figures should be better.
improvement-measure = Measure that should show it
improvement-measure-hint = The later window is compared with the first one by this.
improvement-no-measure = None
improvement-no-window = None
improvement-no-later = Not decided yet
improvement-shown = Does it show?
improvement-save = Save
improvement-remove = Delete this improvement
improvement-remove-hint = It will be gone for good. To give it up but keep it, set its status to dropped.
improvement-source = Came from:
improvement-source-window = the window as a whole
improvement-source-figure = the figure { $name }
improvement-source-comment = the comment { $name }
improvement-source-report = the report { $name }
improvement-source-known-issue = the known issue { $name }
improvement-side-by-side = Both windows side by side
improvement-stale = Somebody else changed this in the meantime. Yours is still here; save again to put it in place of theirs.
improvement-status-planned = Planned
improvement-status-in-progress = In progress
improvement-status-done = Done
improvement-status-dropped = Dropped
improvement-done-added = The improvement is written down.
improvement-done-saved = Saved.
improvement-done-removed = The improvement is deleted.
shown-better = Better
shown-worse = Worse
shown-cannot-tell = Cannot tell
shown-not-yet = Not over yet
shown-not-named = Nothing to compare
insights-improve = Make an improvement of this
insights-improve-figure = Make an improvement of a figure:
insights-no-improvements = None yet. Make one from a figure or a comment, so that the next window goes better.

# The review on one sheet.
review-title = Maintenance review
review-print = Print or save as PDF
review-print-hint = One sheet of A4 for ordinary windows.
review-figures = Key figures
review-story = What happened
review-issues = Known issues
review-no-issues = None.
review-no-improvements = None yet.
review-as-of = Figures as of { $when }

insights-export = Figures as a sheet
insights-evidence = Evidence archive (ZIP)
settings-figures = Figures
settings-minimum = Fewest answers for a percentage
settings-minimum-hint = With fewer answers or reports only counts are shown, no percentages, scores or medians. 2 to 1000; 5 unless changed.
export-subject-improvements = Improvements
export-improvement = Improvement
export-improvement-source = Came from
export-improvement-created = Written down
export-improvement-changed = Last changed

insights-issue-open = Still there
insights-issue-resolved = Resolved
insights-issue-met =
    { $n ->
        [one] { $n } person met it
       *[other] { $n } people met it
    }
action-improvement-add = Wrote down an improvement
action-improvement-change = Changed an improvement
action-improvement-remove = Removed an improvement
