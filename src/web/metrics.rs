//! `/metrics`: what the operator's Prometheus reads. Names of routes are their patterns, never
//! paths, in which secrets stand.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant as Clock};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpRequest, HttpResponse, web};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::domain::instant::Instant;
use crate::store::{TroubleKind, jobs, search, verify, windows};
use crate::web::app::App;
use crate::web::connections;
use crate::web::failure::Failure;
use crate::web::proxies;

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum MetricsFor {
    /// Nobody.
    Off,
    /// Programs on this machine that do not come through a proxy.
    #[default]
    Local,
    /// Everybody who reaches the server: only where a proxy or a network keeps others away.
    On,
}

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const CHANGES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 512.0];

/// How often what was timed is put into its buckets.
const UPKEEP: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count, once in a process; gives nothing if somebody else counts already.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER.get_or_init(|| install().inspect_err(|why| tracing::error!(%why, "no metrics")).ok()).as_ref()
}

fn install() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_changes".into()), CHANGES)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|e| anyhow::anyhow!("{e}"))?;
    describe_counter!("interlude_http_requests_total", "Requests answered, by route, method and status.");
    describe_histogram!(
        "interlude_http_request_seconds",
        Unit::Seconds,
        "Time until an answer began, by route."
    );
    describe_counter!("interlude_failures_total", "Requests that failed by us or our database, by code.");
    describe_histogram!("interlude_commit_seconds", Unit::Seconds, "Time of a commit with its sync.");
    describe_histogram!("interlude_commit_changes", "Changes that shared a commit.");
    describe_counter!("interlude_database_errors_total", "Trouble of the database, by door and kind.");
    describe_gauge!(
        "interlude_writer_waiting",
        "Changes that wait for the writer (PostgreSQL: for their turn)."
    );
    describe_gauge!("interlude_writer_room", "How many changes may wait.");
    describe_gauge!("interlude_pool_connections", "Open database connections for pages.");
    describe_gauge!("interlude_pool_idle", "Those of them in nobody's use.");
    describe_gauge!(
        "interlude_listening",
        "1 while this process hears what PostgreSQL tells, its own calls included; 0 on SQLite, which is looked at."
    );
    describe_gauge!("interlude_jobs_due", "Jobs that are due and not done.");
    describe_gauge!(
        "interlude_backup_due_time_seconds",
        Unit::Seconds,
        "When the next backup by the clock is due, or has been, as Unix time."
    );
    describe_gauge!("interlude_windows_overdue", "Windows under way past their scheduled end.");
    describe_gauge!("interlude_trouble", "1 while the database is in this kind of trouble.");
    describe_gauge!("interlude_reports", "Reports ever taken in, as the database counts them.");
    describe_gauge!("interlude_responses", "Survey responses, as the database counts them.");
    describe_gauge!(
        "interlude_search_waiting",
        "Changes of reports that the search index does not have yet."
    );
    describe_gauge!("interlude_connections", "Open connections of clients.");
    describe_gauge!("interlude_event_listeners", "Open streams of /events and /admin/events.");
    describe_counter!("interlude_connections_refused_total", "Connections closed: too many of one address.");
    describe_gauge!("interlude_start_time_seconds", "When this process began to serve, as Unix time.");
    describe_gauge!("interlude_build_info", "1; the labels name the version.");
    gauge!("interlude_build_info", "version" => env!("CARGO_PKG_VERSION"), "profile" => profile()).set(1.0);
    gauge!("interlude_start_time_seconds").set(Instant::now().utc().timestamp() as f64);
    Ok(handle)
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// Keeps what was timed from piling up while nobody asks; never ends.
pub(super) async fn upkeep() {
    let Some(handle) = recorder() else { return };
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

/// Counts and times every request.
pub(super) async fn requests<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, ActixError> {
    let started = Clock::now();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = named(request.method());
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let labels =
        [("route", route.clone()), ("method", method.to_owned()), ("status", status.as_str().to_owned())];
    counter!("interlude_http_requests_total", &labels).increment(1);
    histogram!("interlude_http_request_seconds", "route" => route).record(started.elapsed());
    outcome
}

/// The methods that exist here; a client's own invention must not become a label.
fn named(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Whether somebody on this machine asks, and not through a proxy on it.
pub(super) fn is_local(request: &HttpRequest) -> bool {
    const PROXIED: &[&str] = &["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let loopback = |a: IpAddr| a.to_canonical().is_loopback();
    request.peer_addr().is_some_and(|a| loopback(a.ip()))
        && proxies::origin(request).address.is_some_and(loopback)
        && !PROXIED.iter().any(|name| request.headers().contains_key(*name))
}

/// `GET /metrics`: what there is to count, in Prometheus's text format.
pub async fn show(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    let allowed = match app.metrics {
        MetricsFor::Off => false,
        MetricsFor::Local => is_local(&request),
        MetricsFor::On => true,
    };
    let (true, Some(handle)) = (allowed, recorder()) else { return Err(Failure::NOT_FOUND) };
    // What the database counts is left as it was when the database cannot be asked.
    let now = app.now();
    let counted = app
        .store
        .read(move |c| Ok((verify::counted(c)?, jobs::count_due(c, now)?, windows::count_overdue(c, now)?)));
    if let Ok((counted, due, overdue)) = counted.await {
        gauge!("interlude_reports").set(counted.reports as f64);
        gauge!("interlude_responses").set(counted.responses as f64);
        gauge!("interlude_jobs_due").set(due as f64);
        gauge!("interlude_windows_overdue").set(overdue as f64);
    }
    if let Ok(waiting) = app.store.read(search::waiting).await {
        gauge!("interlude_search_waiting").set(waiting as f64);
    }
    let load = app.store.load();
    gauge!("interlude_event_listeners").set(app.events.listeners() as f64);
    gauge!("interlude_writer_waiting").set(load.waiting as f64);
    gauge!("interlude_writer_room").set(load.room as f64);
    gauge!("interlude_pool_connections").set(load.connections);
    gauge!("interlude_pool_idle").set(load.idle);
    gauge!("interlude_listening").set(if load.listening { 1.0 } else { 0.0 });
    let trouble = app.store.probe().await.map(|t| t.kind);
    for kind in [TroubleKind::Locked, TroubleKind::Full, TroubleKind::Unavailable] {
        gauge!("interlude_trouble", "kind" => kind.code()).set(if trouble == Some(kind) { 1.0 } else { 0.0 });
    }
    gauge!("interlude_connections").set(connections::open() as f64);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(handle.render()))
}

#[cfg(test)]
mod tests {
    /// Alerts and dashboard ask only for what there is.
    #[test]
    fn alerts_and_dashboard_name_figures_that_exist() {
        let own = include_str!("metrics.rs");
        let files = [
            include_str!("../../contrib/prometheus/interlude.rules.yml"),
            include_str!("../../contrib/grafana/interlude.json"),
            include_str!("../../docs/durability.md"),
        ];
        let mut asked = std::collections::BTreeSet::new();
        for file in files {
            for (at, _) in file.match_indices("interlude_") {
                let rest = &file[at..];
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
                let name = &rest[..end];
                let bare = ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending));
                asked.insert(bare.unwrap_or(name));
            }
        }
        assert!(asked.len() > 15, "{asked:?}");
        for name in asked {
            assert!(own.contains(&format!("\"{name}\",")), "{name} is asked for and does not exist");
        }
    }
}
