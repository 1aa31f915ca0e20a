//! Checking what the database holds: counted again, compared, and looked at for damage.

mod hashes;
mod references;

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::connection::Db;
use super::counters::{CounterKey, MinuteKey};
use super::error::Result;
use super::schema::{report_counters, report_minutes};

/// Something that is not as it should be, in words for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding(pub String);

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many reports were counted again.
    pub reports: i64,
    /// What is wrong; empty if nothing is. At most 100 of a kind are named.
    pub findings: Vec<Finding>,
}

const NAMED: usize = 100;

/// Looks at everything in the snapshot of this connection.
pub fn verify(connection: &mut Db) -> Result<Verification> {
    let mut findings = Vec::new();
    damage(connection, &mut findings)?;
    references::check(connection, &mut findings)?;
    orphans(connection, &mut findings)?;
    hashes::check(connection, &mut findings)?;
    let unfound = super::search::findings(connection)?;
    findings.extend(unfound.into_iter().map(|(what, id)| Finding(format!("{what}: {id}"))));
    let reports = counters(connection, &mut findings)?;
    Ok(Verification { reports, findings })
}

/// How much there is, for the operator's metrics.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Reports taken in, those whose content was erased included.
    pub reports: i64,
    /// Survey responses, unfinished ones included.
    pub responses: i64,
}

/// Counts without looking at every report.
pub fn counted(connection: &mut Db) -> Result<Counted> {
    let sum = diesel::dsl::sql::<BigInt>("CAST(COALESCE(SUM(reports), 0) AS BIGINT)");
    Ok(Counted {
        reports: report_counters::table.select(sum).first(connection)?,
        responses: super::schema::responses::table.select(count_star()).first(connection)?,
    })
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

/// What SQLite itself finds; PostgreSQL has checksums of its own for this.
fn damage(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    let Db::Sqlite(c) = connection else { return Ok(()) };
    // FTS5 checks its index by the structure that this connection has seen last; a look makes that the
    // present one, else what others have written since is taken for damage.
    diesel::sql_query("SELECT rowid FROM report_search WHERE rowid = 0").execute(c)?;
    let rows: Vec<Said> =
        diesel::sql_query("SELECT integrity_check AS said FROM pragma_integrity_check").load(c)?;
    let wrong = rows.into_iter().filter(|r| r.said != "ok");
    findings.extend(wrong.map(|r| Finding(format!("the file: {}", r.said))));
    Ok(())
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Rows that no foreign key ties to what they belong to, and facts that contradict themselves.
fn orphans(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    let checks = [
        (
            "a text of a window that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'window' AND thing_id NOT IN (SELECT id FROM windows) LIMIT 100",
        ),
        (
            "a text of a component that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'component' AND thing_id NOT IN (SELECT id FROM components) LIMIT 100",
        ),
        (
            "a text of an update that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'update' AND thing_id NOT IN (SELECT id FROM updates) LIMIT 100",
        ),
        (
            "a text of a known issue that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'known_issue' AND thing_id NOT IN (SELECT id FROM known_issues) LIMIT 100",
        ),
        (
            "a text of a resolution that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'resolution' AND thing_id NOT IN (SELECT id FROM known_issue_resolutions) LIMIT 100",
        ),
        (
            "a known issue whose status and resolution contradict each other",
            "SELECT id FROM known_issues WHERE (status = 'resolved') <> (resolution_id IS NOT NULL) LIMIT 100",
        ),
        (
            "a known issue that counts other reports than are linked to it",
            "SELECT id FROM known_issues k WHERE reports <> (SELECT COUNT(*) FROM reports r WHERE r.known_issue_id = k.id) LIMIT 100",
        ),
        (
            "a known issue that counts other me-toos than there are",
            "SELECT id FROM known_issues k WHERE me_toos <> (SELECT COUNT(*) FROM me_toos m WHERE m.known_issue_id = k.id) LIMIT 100",
        ),
        (
            "a resolution that counts fewer reports than were told",
            "SELECT id FROM known_issue_resolutions s WHERE reports_told < (SELECT COUNT(*) FROM known_issue_told t WHERE t.resolution_id = s.id) LIMIT 100",
        ),
        (
            "a resolution that is done and somebody linked was not told",
            "SELECT s.id FROM known_issue_resolutions s JOIN known_issues k ON k.resolution_id = s.id WHERE s.done_at IS NOT NULL AND (EXISTS (SELECT 1 FROM reports r WHERE r.known_issue_id = k.id AND NOT EXISTS (SELECT 1 FROM known_issue_told t WHERE t.resolution_id = s.id AND t.report_id = r.id)) OR EXISTS (SELECT 1 FROM me_toos m WHERE m.known_issue_id = k.id AND (m.resolution_id IS NULL OR m.resolution_id <> s.id))) LIMIT 100",
        ),
        (
            "a text of a canned answer that does not exist",
            "SELECT thing_id AS id FROM texts WHERE thing = 'canned_answer' AND thing_id NOT IN (SELECT id FROM canned_answers) LIMIT 100",
        ),
        (
            "a report that repeats one that does not exist",
            "SELECT id FROM reports WHERE duplicate_of_id IS NOT NULL AND duplicate_of_id NOT IN (SELECT id FROM reports) LIMIT 100",
        ),
        (
            "a report that repeats another one but is no duplicate",
            "SELECT id FROM reports WHERE duplicate_of_id IS NOT NULL AND status <> 'duplicate' LIMIT 100",
        ),
        (
            "a report that is done but still urgent",
            "SELECT id FROM reports WHERE urgency > 0 AND status IN ('resolved', 'closed', 'duplicate') LIMIT 100",
        ),
        (
            "a report with a stage outside of every window",
            "SELECT id FROM reports WHERE window_id IS NULL AND stage IS NOT NULL LIMIT 100",
        ),
        (
            "a report whose time and precision contradict each other",
            "SELECT id FROM reports WHERE (occurred_at IS NULL) <> (precision = 'unknown') LIMIT 100",
        ),
        (
            "a report without the event that it was received",
            "SELECT id FROM reports r WHERE NOT EXISTS (SELECT 1 FROM report_events e WHERE e.report_id = r.id AND e.kind = 'received') LIMIT 100",
        ),
        (
            "a report without content that was never erased",
            "SELECT id FROM reports r WHERE imported_as IS NULL AND source <> 'import' AND NOT EXISTS (SELECT 1 FROM report_contents c WHERE c.report_id = r.id) AND NOT EXISTS (SELECT 1 FROM report_events e WHERE e.report_id = r.id AND e.kind = 'erased') LIMIT 100",
        ),
        (
            "a response by an invitation to another window",
            "SELECT r.id FROM responses r JOIN invitations i ON i.id = r.invitation_id WHERE i.window_id <> r.window_id LIMIT 100",
        ),
        (
            "a response to a version of a template that is not kept",
            "SELECT id FROM responses r WHERE template NOT IN ('short', 'full') AND NOT EXISTS (SELECT 1 FROM survey_template_versions v WHERE v.template = r.template AND v.version = r.template_version) LIMIT 100",
        ),
        (
            "a report that waits for an answer to words that are not there, or were answered",
            "SELECT w.report_id AS id FROM report_wrote w WHERE NOT EXISTS (SELECT 1 FROM report_events m WHERE m.report_id = w.report_id AND m.kind = 'message' AND m.content IS NOT NULL AND m.at = w.at AND NOT EXISTS (SELECT 1 FROM report_events a WHERE a.report_id = w.report_id AND a.kind = 'answer' AND a.id > m.id)) LIMIT 100",
        ),
        (
            "a me-too that waits for an answer to words that are not there, or were answered",
            "SELECT w.me_too_id AS id FROM me_too_wrote w WHERE NOT EXISTS (SELECT 1 FROM me_too_events m WHERE m.me_too_id = w.me_too_id AND ((m.kind = 'message' AND m.content IS NOT NULL) OR (m.kind = 'verdict' AND m.became = 'not_fixed')) AND m.at = w.at AND NOT EXISTS (SELECT 1 FROM me_too_events a WHERE a.me_too_id = w.me_too_id AND a.kind = 'answer' AND a.id > m.id)) LIMIT 100",
        ),
        (
            "a duplicate that is said to be told, and nothing happened to it then",
            "SELECT t.report_id AS id FROM duplicate_told t WHERE NOT EXISTS (SELECT 1 FROM report_events e WHERE e.report_id = t.report_id AND e.kind IN ('answer', 'original') AND e.at = t.at) LIMIT 100",
        ),
        (
            "a report that belongs to a draft",
            "SELECT r.id FROM reports r JOIN windows w ON w.id = r.window_id WHERE w.state = 'draft' LIMIT 100",
        ),
    ];
    for (what, sql) in checks {
        let rows: Vec<Orphan> = diesel::sql_query(sql).load(connection)?;
        findings.extend(rows.into_iter().map(|r| Finding(format!("{what}: {}", r.id))));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Recounted {
    #[diesel(sql_type = BigInt)]
    window_id: i64,
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = BigInt)]
    component_id: i64,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Text)]
    impact: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    reports: i64,
}

#[derive(QueryableByName)]
struct Minute {
    #[diesel(sql_type = BigInt)]
    window_id: i64,
    #[diesel(sql_type = BigInt)]
    minute: i64,
    #[diesel(sql_type = BigInt)]
    reports: i64,
}

fn counters(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<i64> {
    let counted: BTreeMap<CounterKey, i64> = diesel::sql_query(
        "SELECT COALESCE(window_id, 0) AS window_id, COALESCE(stage, '') AS stage, \
         COALESCE(component_id, 0) AS component_id, category, impact, status, COUNT(*) AS reports \
         FROM reports GROUP BY 1, 2, 3, 4, 5, 6",
    )
    .load::<Recounted>(connection)?
    .into_iter()
    .map(|r| ((r.window_id, r.stage, r.component_id, r.category, r.impact, r.status), r.reports))
    .collect();
    let kept: BTreeMap<CounterKey, i64> = report_counters::table
        .select((
            (
                report_counters::window_id,
                report_counters::stage,
                report_counters::component_id,
                report_counters::category,
                report_counters::impact,
                report_counters::status,
            ),
            report_counters::reports,
        ))
        .load::<(CounterKey, i64)>(connection)?
        .into_iter()
        .filter(|(_, reports)| *reports != 0)
        .collect();
    compare("report_counters", &counted, &kept, findings);
    // Before 1970 a division that truncates would put two minutes into one; no report is that old,
    // but an imported one may say so.
    let counted: BTreeMap<MinuteKey, i64> = diesel::sql_query(
        "SELECT COALESCE(window_id, 0) AS window_id, \
         (occurred_at - ((occurred_at % 60000000) + 60000000) % 60000000) / 60000000 AS minute, \
         COUNT(*) AS reports FROM reports WHERE occurred_at IS NOT NULL GROUP BY 1, 2",
    )
    .load::<Minute>(connection)?
    .into_iter()
    .map(|r| ((r.window_id, r.minute), r.reports))
    .collect();
    let kept: BTreeMap<MinuteKey, i64> = report_minutes::table
        .select(((report_minutes::window_id, report_minutes::minute), report_minutes::reports))
        .load::<(MinuteKey, i64)>(connection)?
        .into_iter()
        .filter(|(_, reports)| *reports != 0)
        .collect();
    compare("report_minutes", &counted, &kept, findings);
    Ok(super::schema::reports::table.select(count_star()).first(connection)?)
}

fn compare<K: Ord + std::fmt::Debug>(
    table: &str,
    counted: &BTreeMap<K, i64>,
    kept: &BTreeMap<K, i64>,
    findings: &mut Vec<Finding>,
) {
    let keys: std::collections::BTreeSet<&K> = counted.keys().chain(kept.keys()).collect();
    let differing = keys.into_iter().filter_map(|key| {
        let (is, says) = (counted.get(key).copied().unwrap_or(0), kept.get(key).copied().unwrap_or(0));
        (is != says).then(|| Finding(format!("{table} {key:?} says {says}, there are {is}")))
    });
    findings.extend(differing.take(NAMED));
}
