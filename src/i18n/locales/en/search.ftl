# Searching reports.
search-in-private = Account or contact:
search-in-answer = Answer:
search-in-message = The reporter adds:
search-in-note = Internal note:
search-in-history = History:
