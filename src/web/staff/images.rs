//! The pictures of a report, for support: they may show an account, as contacts do.

use actix_web::{HttpResponse, web};

use crate::domain::reference::ReportReference;
use crate::store::reports::{by_reference, images};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::page::see_other;
use crate::web::pictures;
use crate::web::visitor::Support;

fn named(path: (String, i64)) -> Result<(ReportReference, i64), Failure> {
    Ok((ReportReference::parse(&path.0).ok_or(Failure::NOT_FOUND)?, path.1))
}

/// `GET /admin/reports/{reference}/images/{id}`
pub async fn show(
    app: web::Data<App>,
    path: web::Path<(String, i64)>,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let (reference, id) = named(path.into_inner())?;
    let (kind, content) = app
        .store
        .read(move |c| {
            let report = by_reference(c, reference)?;
            images::of_report(c, report.id, id)
        })
        .await?;
    Ok(pictures::answer(id, kind, content))
}

/// `POST /admin/reports/{reference}/images/{id}/remove`
pub async fn remove(
    app: web::Data<App>,
    path: web::Path<(String, i64)>,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    let (reference, id) = named(path.into_inner())?;
    let actor = guard.0.clone();
    app.store.write(move |w| images::remove_by_staff(w, &actor, reference, id)).await?;
    Ok(see_other(&format!("/admin/reports/{reference}?done=1")))
}
