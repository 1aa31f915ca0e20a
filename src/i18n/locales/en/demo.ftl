# The demonstration data.
demo-title = Demonstration data
demo-about = Three made-up maintenance windows (past, running and coming) with reports, answers and survey responses, to get to know the system. They are marked as such and can be removed in one step.
demo-load = Load the demonstration data
settings-done-loaded = The demonstration data is loaded.
demo-remove = Remove all demonstration data
demo-remove-about = Reports and responses that were sent about the demonstration's windows go too. Your own windows and reports stay as they are.
settings-done-removed = All demonstration data is gone.
demo-set-up = Load demonstration data as well
demo-set-up-hint = Three made-up windows with more than a hundred reports; removed in one step under Settings.
conflict-demonstration-here = The demonstration data is loaded already.
