# Figures of all windows and of one.
insights-title = Figures
insights-windows =
    { $n ->
        [one] { $n } maintenance window
       *[other] { $n } maintenance windows
    }
insights-reports = Problem reports
insights-open = { $n } still open
insights-outside =
    { $n ->
        [one] One more report belongs to no window and is not counted here.
       *[other] { $n } more reports belong to no window and are not counted here.
    }
insights-csat = Satisfied (4–5)
insights-nps = Net promoter score
insights-ces = Ease (1–7)
insights-saw-notice = Saw the notice beforehand
insights-csat-short = Satisfied
insights-ces-short = Ease
insights-saw-short = Saw notice
insights-overrun-short = Overran
insights-first-answer-short = First answer
insights-first-answer = Time to first answer (median)
insights-resolution = Time to resolution (median)
insights-p90 = nine in ten within { $span }
insights-lasted = Lasted
insights-planned = announced { $span }
insights-overran = Completed late
insights-overran-of = { $k } of { $n } completed
insights-n = n = { $n }
insights-interval = 95% interval { $low } to { $high }
insights-too-few = too few to say
insights-minimum = With fewer than { $n } answers or reports only counts are shown, no percentages, scores or medians. Intervals are 95%: Wilson for satisfaction and notice, adjusted Wald for the net promoter score, t for ease. Unfinished responses are counted apart and are in no figure.
insights-headline-none = No reports came in
insights-headline-reports =
    { $n ->
        [one] One report came in
       *[other] { $n } reports came in
    }
insights-headline-stage = { $share }% of them during { $stage }
insights-headline-late = it ended { $span } later than announced
insights-headline-early = it ended { $span } earlier than announced
insights-headline-on-time = it ended as announced
insights-headline-cancelled = it was cancelled
insights-headline-overdue = it is still running, { $span } past the announced end
insights-headline-running = it is still running
insights-headline-scheduled = it has not started yet
insights-headline-csat = { $share }% of { $n } people were satisfied
insights-between = ; { "" }
insights-stop = .
insights-plot-title = Reports over time
insights-plot-empty = No reports in this time
insights-plot-peak = Each bar is { $step }. The most came { $when }: { $count }.
insights-plot-peak-stage = Each bar is { $step }. The most came { $when }, during { $stage }: { $count }.
insights-plot-bar = { $when }: { $count }
insights-plot-caption = Each bar is { $step }, by when the problem occurred; red bars came after the announced end. The ground shows the stage, solid lines the actual start and end, dashed lines the announced ones, diamonds the updates, green triangles the workarounds. Time zone { $zone }.
insights-plot-unknown =
    { $n ->
        [one] One report does not say when it happened; it is counted but not plotted
       *[other] { $n } reports do not say when they happened; they are counted but not plotted
    }
insights-plot-earlier = { $n } earlier than shown
insights-plot-later = { $n } later than shown
insights-plot-table = Show as a table
insights-announced-start = Announced start
insights-announced-end = Announced end
insights-actual-start = Actual start
insights-actual-end = Actual end
insights-time = Time
insights-stage = Stage
insights-value = Value
insights-count = Count
insights-share = Share
insights-count-reports =
    { $n ->
        [one] { $n } report
       *[other] { $n } reports
    }
insights-count-answers =
    { $n ->
        [one] { $n } answer
       *[other] { $n } answers
    }
insights-nps-groups =
    { $promoters ->
        [one] 1 promoter
       *[other] { $promoters } promoters
    }, { $passives ->
        [one] 1 passive
       *[other] { $passives } passives
    }, { $detractors ->
        [one] 1 detractor
       *[other] { $detractors } detractors
    } of { $n }
insights-by-stage = By stage
insights-by-component = By function
insights-by-category = By category
insights-by-impact = By impact
insights-by-status = By status
insights-no-stage = Time unknown
insights-no-component = No function named
insights-happened = Announced and actual
insights-announced = Announced
insights-actual = Actual
insights-difference = Difference
insights-notice = Notice
insights-start = Start
insights-end = End
insights-length = Length
insights-none = None
insights-later = { $span } later
insights-earlier = { $span } earlier
insights-on-time = On time
insights-overrun = Overran by { $span }
insights-lead = { $span } ahead
insights-lead-negative = Only { $span } after the start
insights-see-reports = See the reports
insights-survey = Survey
insights-responses =
    { $complete ->
        [one] 1 complete response
       *[other] { $complete } complete responses
    }; { $partial ->
        [one] 1 unfinished one is
       *[other] { $partial } unfinished ones are
    } in none of the figures below.
insights-comments = Comments
insights-comments-by = Filter by score
insights-all = All
insights-no-comments = No comments.
insights-no-score = No score
insights-unfinished = Unfinished
insights-more = More comments
insights-pages = Pages
insights-empty = No maintenance yet
insights-empty-detail = Once a window is published, its reports, satisfaction and times show up here.
insights-to-windows = Write a notice
insights-each = Each maintenance
insights-together = All taken together
insights-window = Maintenance
insights-when = When
insights-table-note = The small number below a figure is how many answered.
insights-to-all = Figures of all
insights-ended = End
insights-ended-on-time = On time
insights-ended-late = Overran
insights-csat-n = Satisfied: answers
insights-nps-n = Net promoter score: answers
insights-ces-n = Ease: answers
insights-saw-n = Saw notice: answers
