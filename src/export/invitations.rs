//! Personal links of a survey as a sheet for mail merge. It names people and opens their responses,
//! so it is no subject of its own that every export could ask for.

use super::cell::{Cell, Column};
use super::csv::Csv;
use super::xlsx::Xlsx;
use super::{Format, Rows, Style};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::store::error::Result;
use crate::store::surveys::invitations::Listed;

/// What the sheet is made of.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// XLSX or CSV.
    pub format: Format,
    /// The reader's language.
    pub language: Language,
    /// The zone of local times.
    pub zone: Zone,
    /// The window's title.
    pub title: String,
    /// When it is made.
    pub now: Instant,
}

impl Sheet {
    /// What the file is called, and the same in ASCII.
    pub fn file_names(&self, slug: &str) -> (String, String) {
        let words = Words(self.language);
        let date = self.zone.local_date(self.now).format("%Y%m%d");
        let title: String =
            self.title.chars().filter(|c| !c.is_control() && !"\\/:*?\"<>|".contains(*c)).take(60).collect();
        let name = format!("{}_{date}_{title}.{}", words.t("surveys-sheet-name"), self.format);
        (name, format!("invitations-{date}-{slug}.{}", self.format))
    }
}

/// The whole file; `link` gives the address of an invitation.
pub fn write(sheet: &Sheet, listed: &[Listed], link: impl Fn(&Listed) -> String) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    match sheet.format {
        Format::Xlsx => {
            let name = Words(sheet.language).t("surveys-sheet-name");
            let mut book = Xlsx::new(Style::Sheet, sheet.zone, &name);
            rows(sheet, listed, link, &mut book)?;
            book.save(&mut out)?;
        }
        Format::Csv | Format::JsonLines => {
            rows(sheet, listed, link, &mut Csv::new(&mut out, Style::Sheet, sheet.zone, true)?)?;
        }
    }
    Ok(out)
}

fn rows(
    sheet: &Sheet,
    listed: &[Listed],
    link: impl Fn(&Listed) -> String,
    into: &mut dyn Rows,
) -> Result<()> {
    let words = Words(sheet.language);
    let columns = [
        ("surveys-sheet-who", 20),
        ("surveys-sheet-contact", 28),
        ("surveys-language", 10),
        ("surveys-exposure", 16),
        ("surveys-sheet-report", 14),
        ("surveys-sheet-state", 12),
        ("surveys-sheet-window", 30),
        ("surveys-sheet-link", 70),
    ];
    let columns: Vec<Column> = columns.iter().map(|(key, width)| Column::new(words.t(key), *width)).collect();
    into.begin(&columns)?;
    for one in listed {
        into.row(vec![
            Cell::text(Some(one.name.as_str())),
            Cell::text(Some(one.contact.as_str())),
            Cell::word(Some(Words(one.invitation.language).t("language-name"))),
            Cell::word(Some(words.word("exposure", one.invitation.exposure.code()))),
            Cell::word(one.report),
            Cell::word(Some(words.word("surveys-state", one.state.code()))),
            Cell::text(Some(sheet.title.as_str())),
            Cell::word(Some(link(one))),
        ])?;
    }
    into.finish()
}
