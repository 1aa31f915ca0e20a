//! Pictures of a report. The holder of the receipt adds and removes them, staff see them; they are
//! content, and go when it is erased.

use diesel::prelude::*;

use super::events::{self, EventKind, NewEvent};
use super::receipt::{opened_by, touch};
use super::{Report, by_id};
use crate::domain::instant::Instant;
use crate::domain::reference::ReportReference;
use crate::domain::screenshot::{COUNT_MAX, PictureKind, Screenshot};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::report_images;
use crate::store::{Write, audit};

/// What is known of a picture without looking at it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = report_images)]
pub struct ImageInfo {
    /// Its row.
    pub id: i64,
    /// How it is encoded.
    pub kind: PictureKind,
    /// Its width in pixels.
    pub width: i32,
    /// Its height in pixels.
    pub height: i32,
    /// The size of its file.
    pub bytes: i32,
    /// When it was added.
    pub added_at: Instant,
}

/// The pictures of a report, in the order in which they were added.
pub fn list(connection: &mut Db, report: i64) -> Result<Vec<ImageInfo>> {
    Ok(report_images::table
        .filter(report_images::report_id.eq(report))
        .order(report_images::id)
        .select(ImageInfo::as_select())
        .load(connection)?)
}

/// A picture of the report that this link opens. [`Error::NotFound`] for a wrong link, and for a
/// picture of another report.
pub fn of_link(connection: &mut Db, link: &str, id: i64) -> Result<(PictureKind, Vec<u8>)> {
    let report = opened_by(connection, link)?;
    of_report(connection, report, id)
}

/// A picture of this report. [`Error::NotFound`] for one of another.
pub fn of_report(connection: &mut Db, report: i64, id: i64) -> Result<(PictureKind, Vec<u8>)> {
    Ok(report_images::table
        .find(id)
        .filter(report_images::report_id.eq(report))
        .select((report_images::kind, report_images::content))
        .first(connection)?)
}

/// How many pictures the report that this link opens may still get.
pub fn room(connection: &mut Db, link: &str) -> Result<usize> {
    let report = opened_by(connection, link)?;
    Ok(COUNT_MAX.saturating_sub(list(connection, report)?.len()))
}

/// Adds a picture to the report that this link opens. The same picture again is the one that is there
/// already, so whoever does not know whether it arrived may send it again.
///
/// Errors at `image`: `too-many-images` (`max`).
pub fn add(write: &mut Write<'_>, link: &str, shot: &Screenshot) -> Result<ImageInfo> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    // Whoever comes at the same moment waits here, so that nobody counts too few.
    touch(write, &report)?;
    let digest = shot.digest();
    let same = report_images::table
        .filter(report_images::report_id.eq(report.id))
        .filter(report_images::digest.eq(&digest))
        .select(ImageInfo::as_select())
        .first(write.connection)
        .optional()?;
    if let Some(same) = same {
        return Ok(same);
    }
    if list(write.connection, report.id)?.len() >= COUNT_MAX {
        return Err(Error::Invalid(too_many()));
    }
    let now = write.now;
    attach(write, &report, shot, now)
}

/// Puts a picture to a report as one that came then, as the demonstration has it.
pub(crate) fn attach(
    write: &mut Write<'_>,
    report: &Report,
    shot: &Screenshot,
    at: Instant,
) -> Result<ImageInfo> {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let info = ImageInfo {
        id: 0,
        kind: shot.kind,
        width: i32::try_from(shot.width).unwrap_or(i32::MAX),
        height: i32::try_from(shot.height).unwrap_or(i32::MAX),
        bytes: number(shot.bytes.len()),
        added_at: at,
    };
    let id: i64 = diesel::insert_into(report_images::table)
        .values((
            report_images::report_id.eq(report.id),
            report_images::kind.eq(info.kind),
            report_images::width.eq(info.width),
            report_images::height.eq(info.height),
            report_images::bytes.eq(info.bytes),
            report_images::digest.eq(shot.digest()),
            report_images::added_at.eq(info.added_at),
            report_images::content.eq(&shot.bytes),
        ))
        .returning(report_images::id)
        .get_result(write.connection)?;
    let event = NewEvent::new(report.id, EventKind::Image).changed(None, Some("added"));
    events::append_at(write, event, at)?;
    Ok(ImageInfo { id, ..info })
}

/// That a report has as many pictures as it may have.
pub fn too_many() -> crate::domain::fields::FieldErrors {
    let mut errors = crate::domain::fields::FieldErrors::new();
    errors.add_with("image", "too-many-images", [("max", COUNT_MAX.to_string())]);
    errors
}

/// Removes a picture of the report that this link opens; one that is gone already is no error.
pub fn remove(write: &mut Write<'_>, link: &str, id: i64) -> Result<()> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    if take_away(write, report.id, id)? {
        tell(write, &report, None, "removed")?;
        let name = report.reference().to_string();
        audit::note_reporter(write, "report.image.remove", &name, &format!("image {id}"))?;
        touch(write, &report)?;
    }
    Ok(())
}

/// Removes a picture of a report by staff, which is noted in the audit log. [`Error::NotFound`] if
/// the report has no such picture.
pub fn remove_by_staff(
    write: &mut Write<'_>,
    actor: &Actor,
    reference: ReportReference,
    id: i64,
) -> Result<()> {
    let report = by_id(write.connection, reference.0)?;
    if !take_away(write, report.id, id)? {
        return Err(Error::NotFound);
    }
    tell(write, &report, actor.person_id(), "removed")?;
    audit::note(write, actor, "report.image.remove", &reference.to_string(), &format!("image {id}"))?;
    touch(write, &report)
}

/// Removes all pictures of a report that is erased.
pub(super) fn erase(write: &mut Write<'_>, report: i64) -> Result<()> {
    diesel::delete(report_images::table.filter(report_images::report_id.eq(report)))
        .execute(write.connection)?;
    Ok(())
}

fn take_away(write: &mut Write<'_>, report: i64, id: i64) -> Result<bool> {
    let gone = diesel::delete(report_images::table.find(id).filter(report_images::report_id.eq(report)))
        .execute(write.connection)?;
    Ok(gone == 1)
}

fn tell(write: &mut Write<'_>, report: &Report, author: Option<i64>, became: &str) -> Result<()> {
    events::append(write, NewEvent::new(report.id, EventKind::Image).changed(None, Some(became)).by(author))
}
