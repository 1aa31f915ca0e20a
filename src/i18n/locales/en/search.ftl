# Searching reports.
search-in-private = Account or contact:
search-in-answer = Answer:
search-in-message = The reporter adds:
search-in-note = Internal note:
search-in-history = History:
# Pictures, as staff see them.
report-images = Screenshots
report-images-hidden =
    { $n ->
        [one] One screenshot, which support can see.
       *[other] { $n } screenshots, which support can see.
    }
history-image = The reporter added a screenshot
history-image-removed = A screenshot was removed
