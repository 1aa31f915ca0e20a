//! Pictures on a receipt: added by a form that works without script, shown and removed.

use actix_web::{HttpRequest, HttpResponse, web};

use super::Opened;
use crate::store::reports::images;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::see_other;
use crate::web::pictures;
use crate::web::visitor::Visitor;

/// `POST /receipts/{secret}/images`: one file after the other; those before one that is refused stay.
pub async fn upload(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    match add_all(&opened, payload).await {
        Ok(()) => Ok(see_other(&format!("{}?done=image#images", opened.here()))),
        Err(failure) => opened.again(Form::default(), failure).await,
    }
}

async fn add_all(opened: &Opened<'_>, payload: web::Payload) -> Result<(), Failure> {
    opened.app.limits.check(Limited::Submission, opened.visitor.address).map_err(Failure::TooMany)?;
    // Whoever has no receipt, or no room on it, is told before anything is read.
    let link = opened.link.clone();
    if opened.app.store.read(move |c| images::room(c, &link)).await? == 0 {
        return Err(images::too_many().into());
    }
    let mut files = pictures::Files::of(opened.request, payload.into_inner())?;
    let mut added = 0;
    while let Some(file) = files.next().await? {
        let shot = pictures::tidied(file).await?;
        let link = opened.link.clone();
        opened.app.store.write(move |w| images::add(w, &link, &shot)).await?;
        added += 1;
    }
    if added == 0 {
        return Err(crate::domain::fields::FieldErrors::one("image", "image-required").into());
    }
    Ok(())
}

/// `GET /receipts/{secret}/images/{id}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Failure> {
    let (secret, id) = path.into_inner();
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let link = opened.link.clone();
    let (kind, content) = app.store.read(move |c| images::of_link(c, &link, id)).await?;
    Ok(pictures::answer(id, kind, content))
}

/// `POST /receipts/{secret}/images/{id}/remove`
pub async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<(String, i64)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (secret, id) = path.into_inner();
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let link = opened.link.clone();
    opened.act(form, "image_removed", move |w| images::remove(w, &link, id)).await
}
