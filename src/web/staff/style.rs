//! `/admin/style`: every component of the pages, made with the classes and words of the real ones.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::domain::report::{Impact, Severity, Status};
use crate::domain::window::{ComponentImpact, ReportStage, WindowState};
use crate::web::failure::Failure;
use crate::web::page::{Page, private_page};
use crate::web::visitor::{Viewer, Visitor};

/// The roles of colours, as the style sheet names them: a surface or a mark, and whether text stands on it.
const ROLES: &[&str] = &[
    "surface",
    "raised",
    "sunken",
    "ink",
    "muted",
    "line",
    "line-strong",
    "accent",
    "accent-soft",
    "ok",
    "ok-soft",
    "warn",
    "warn-soft",
    "danger",
    "danger-soft",
    "info",
    "info-soft",
    "curtain",
    "stage-1",
    "stage-2",
    "stage-3",
    "stage-4",
    "stage-5",
    "stage-6",
];

/// The imagined reports of each hour that the plot shows.
const HOURS: &[u32] = &[2, 3, 1, 8, 14, 9, 6, 4, 2, 1, 0, 1];

/// A bar of the plot, in the units of its view box.
struct Bar {
    x: usize,
    y: u32,
    height: u32,
    count: u32,
    stage: usize,
}

#[derive(Template)]
#[template(path = "staff/style.html")]
struct StylePage {
    page: Page,
    roles: &'static [&'static str],
    states: &'static [WindowState],
    statuses: &'static [Status],
    severities: &'static [Severity],
    impacts: &'static [Impact],
    stages: &'static [ReportStage],
    components: &'static [ComponentImpact],
    bars: Vec<Bar>,
}

/// `GET /admin/style`
pub async fn show(request: HttpRequest, visitor: Visitor, _guard: Viewer) -> Result<HttpResponse, Failure> {
    let bars = HOURS.iter().enumerate();
    private_page(&StylePage {
        page: Page::bare(&request, &visitor),
        roles: ROLES,
        states: WindowState::ALL,
        statuses: Status::ALL,
        severities: Severity::ALL,
        impacts: Impact::CHOICES,
        stages: ReportStage::ALL,
        components: ComponentImpact::ALL,
        bars: bars
            .map(|(hour, count)| Bar {
                x: 44 + hour * 75,
                y: 170 - count * 10,
                height: count * 10,
                count: *count,
                stage: hour / 2 + 1,
            })
            .collect(),
    })
}
