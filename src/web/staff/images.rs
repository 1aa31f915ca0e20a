//! The pictures of a report, for support: they may show an account, as contacts do.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::reference::ReportReference;
use crate::store::reports::{by_reference, images};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, see_other};
use crate::web::pictures;
use crate::web::visitor::{Support, Visitor};

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

/// `POST /admin/reports/{reference}/images/{id}/remove`, confirmed by typing the reference.
pub async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<(String, i64)>,
    form: Form,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    let (reference, id) = named(path.into_inner())?;
    let here = app
        .store
        .read(move |c| {
            let report = by_reference(c, reference)?;
            Ok(images::list(c, report.id)?.iter().any(|image| image.id == id))
        })
        .await?;
    if !here {
        return Err(Failure::NOT_FOUND);
    }
    let (page, name) = (Page::bare(&request, &visitor), reference.to_string());
    let act = Final {
        title: page.with("confirm-image", [("reference", &name)]),
        says: vec![page.with("confirm-image-says", [("reference", &name)])],
        quotes: Vec::new(),
        back: format!("/admin/reports/{name}"),
        word: name,
        button: page.t("receipt-image-remove"),
    };
    if let Some(asked) = act.unless_typed(page, &form)? {
        return Ok(asked);
    }
    let actor = guard.0.clone();
    app.store.write(move |w| images::remove_by_staff(w, &actor, reference, id)).await?;
    Ok(see_other(&format!("/admin/reports/{reference}?done=1")))
}
