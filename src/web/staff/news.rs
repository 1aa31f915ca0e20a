//! What came in since a list was shown, asked again and again by a page that somebody reads: a number
//! and a sentence, so that nothing moves until the reader wants it to.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::domain::alarm::AlarmState;
use crate::domain::fields::FieldErrors;
use crate::domain::report_filter::{self, Filter};
use crate::i18n::Words;
use crate::store::alarms;
use crate::store::reports::filter::{self, COUNT_MAX, Count};
use crate::store::reports::list;
use crate::store::search::Sight;
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::visitor::{Viewer, Visitor};

/// What is new.
#[derive(Serialize)]
struct News {
    /// How many reports.
    reports: i64,
    /// What the bar says; nothing if there is nothing new.
    text: String,
    /// The rows of the alarms that nobody has decided about.
    alarms: Vec<i64>,
    /// What is said of them.
    alarm_text: String,
}

/// `GET /admin/reports/news`: with the fields of the queue's filter, and `since`, the number of the
/// report that came in last when the list was shown.
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let known = [report_filter::FIELDS, &["sort", "since"]].concat();
    let query = query.only(&known)?;
    let filter =
        Filter::parse(query.pairs(), app.settings().time_zone, app.now())?.asked_by(guard.0.person_id());
    let sight = Sight::of(guard.0.role());
    let since: i64 = query.get("since").parse().map_err(|_| FieldErrors::one("since", "bad-cursor"))?;
    let (reports, alarms) = app
        .store
        .read(move |c| {
            let found = filter::find_as(c, &filter, sight)?;
            let alarms = alarms::open(c)?.into_iter().filter(|a| a.state == AlarmState::Raised);
            let alarms: Vec<i64> = alarms.map(|alarm| alarm.id).collect();
            Ok((list::newer(c, &found, since)?, alarms))
        })
        .await?;
    let words = Words(visitor.language);
    let reports = match reports {
        Count::Exactly(n) => n,
        Count::Over => COUNT_MAX,
    };
    let news = News {
        reports,
        text: if reports > 0 { words.n("queue-news", reports) } else { String::new() },
        alarm_text: if alarms.is_empty() { String::new() } else { words.n("alarm-news", alarms.len()) },
        alarms,
    };
    let tag = etag::tag(reports, format!("{:?} {}", news.alarms, news.text).as_bytes());
    let mut answer =
        if etag::is_known(&request, &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, tag.to_string()))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if etag::is_known(&request, &tag) { Ok(answer.finish()) } else { Ok(answer.json(news)) }
}
