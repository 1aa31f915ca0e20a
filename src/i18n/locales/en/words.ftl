# The words for codes, as section 2 of the design has them.
product-name = Interlude
impact-cosmetic = Hardly matters
impact-slowed = Slower or more work
impact-blocked = Cannot go on
impact-data-loss = Data lost or wrong
impact-unknown = Not said
category-outage = Service down
category-login = Cannot log in
category-function = Function broken
category-data = Data problem
category-speed = Slow
category-other = Other
status-new = New
status-acknowledged = Acknowledged
status-in-progress = In progress
status-waiting = Waiting for reporter
status-resolved = Resolved
status-closed = Closed
status-duplicate = Duplicate
severity-critical = Critical
severity-high = High
severity-medium = Medium
severity-low = Low
precision-exact = Exact time
precision-about = Approximate time
precision-unknown = Time unknown
source-web = Web
source-offline = Sent later from device
source-api = API
source-phone = Phone
source-import = Import
source-alert = Alert
source-embed = Embedded
verdict-fixed = Fixed
verdict-not-fixed = Not fixed
role-viewer = Viewer
role-support = Support
role-operator = Operator
role-administrator = Administrator
others-reported =
    { $n ->
        [one] { $n } other person reported this
       *[other] { $n } others reported this
    }
