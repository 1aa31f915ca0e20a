//! The tables of staff: narrowed, sorted, turned over and taken along by their address alone.

mod figures;
mod invited;
mod log;

use interlude::domain::person::Role;

use crate::support::World;

/// Texts of the first cell of every row, in order.
fn firsts(page: &str) -> Vec<String> {
    let body = page.split("<tbody>").nth(1).unwrap_or_default().split("</tbody>").next().unwrap_or_default();
    let first = |row: &str| {
        let cell = row.split("</th>").next().unwrap_or_default().split("</td>").next().unwrap_or_default();
        let plain = without_tags(cell);
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    body.split("<tr").skip(1).map(|row| first(row.split_once('>').map_or("", |(_, cells)| cells))).collect()
}

/// What the first link of every row of the table with this title leads to, in order, without this beginning.
fn linked(page: &str, titled: &str, to: &str) -> Vec<String> {
    let body = page.split(&format!("<h2 id=\"{titled}\"")).nth(1).unwrap_or_default();
    let body = body.split("<tbody>").nth(1).unwrap_or_default().split("</tbody>").next().unwrap_or_default();
    let slug = |row: &str| row.split(&format!("href=\"{to}")).nth(1)?.split('"').next().map(str::to_owned);
    body.split("<tr").skip(1).filter_map(slug).collect()
}

/// The lines of a file without its titles, cells parted.
fn records(file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The address behind the link to the next page.
fn next(page: &str) -> Option<String> {
    let link = page.split("rel=\"next\" href=\"").nth(1)?.split('"').next()?;
    Some(link.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Without tags.
fn without_tags(html: &str) -> String {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, said)| said)).collect()
}

/// Adds components with these names, in this order.
async fn with_components(world: &World, named: &[(&str, &str, &str)]) {
    let operator = world.staff(Role::Operator);
    for (key, zh, en) in named {
        let once = format!("a-key-for-{key}-of-22-characters");
        let fields = [("idempotency_key", once.as_str()), ("key", key), ("name.zh-CN", zh), ("name.en", en)];
        operator.post_form("/admin/components", &fields).await.is(303);
    }
}

const NAMED: &[(&str, &str, &str)] = &[
    ("payment", "支付", "Payment"),
    ("log-in", "登录", "log-in"),
    ("search-10", "搜索 10", "Search 10"),
    ("search-9", "搜索 9", "Search 9"),
];

story! {
    /// A table is sorted by each heading, both ways, as readers of the language look names up.
    async fn a_table_is_sorted_by_its_address(world) {
        with_components(world, NAMED).await;
        let operator = world.staff(Role::Operator);
        let order = async |query: &str| firsts(&operator.get(&format!("/admin/components{query}")).await.is(200).text());
        // As the operator ordered them, unless something else is asked for.
        assert_eq!(order("").await, ["Payment", "log-in", "Search 10", "Search 9"]);
        assert_eq!(order("?sort=name").await, ["log-in", "Payment", "Search 9", "Search 10"]);
        assert_eq!(order("?sort=-name").await, ["Search 10", "Search 9", "Payment", "log-in"]);
        assert_eq!(order("?sort=-key").await, ["Search 10", "Search 9", "Payment", "log-in"]);
        let page = operator.get("/admin/components?sort=name").await.text();
        assert!(page.contains("aria-sort=\"ascending\"><a class=\"sort\" href=\"/admin/components?sort=-name#all\""), "{page}");
        let chinese = world.staff(Role::Operator).reading_chinese();
        let page = chinese.get("/admin/components?sort=name").await.is(200).text();
        assert_eq!(firsts(&page), ["登录", "搜索 9", "搜索 10", "支付"]);
        operator.get("/admin/components?sort=colour").await.is(422);
        operator.get("/admin/components?colour=red").await.is(422);
        operator.get("/admin/components?page=0").await.is(422);
    }

    /// What is looked for may stand in any column, in any case; what can be picked is what occurs.
    async fn a_table_is_narrowed_by_its_address(world) {
        with_components(world, NAMED).await;
        let operator = world.staff(Role::Operator);
        operator.post_form("/admin/components/payment", &[("act", "retire")]).await.is(303);
        let order = async |query: &str| firsts(&operator.get(&format!("/admin/components{query}")).await.is(200).text());
        assert_eq!(order("?q=SEARCH").await, ["Search 10", "Search 9"]);
        assert_eq!(order("?q=%E6%90%9C%E7%B4%A2+9").await, ["Search 9"]);
        assert_eq!(order("?state=retired").await, ["Payment"]);
        assert_eq!(order("?state=offered&sort=-name").await, ["Search 10", "Search 9", "log-in"]);
        let page = operator.get("/admin/components?q=search&sort=name").await.is(200).text();
        // The filter keeps the order, the headings keep the filter, and what was typed stays.
        assert!(page.contains("name=\"sort\" value=\"name\""), "{page}");
        assert!(page.contains("href=\"/admin/components?q=search&amp;sort=-name#all\"")
            || page.contains("href=\"/admin/components?q=search&#38;sort=-name#all\""), "{page}");
        assert!(page.contains("value=\"search\""), "{page}");
        assert!(page.contains("2 of 4"), "{page}");
        operator.get("/admin/components?q=nobody").await.is(200).says("Nothing matches").lacks("<tbody>");
        let long = "x".repeat(201);
        operator.get(&format!("/admin/components?q={long}")).await.is(422);
    }

    /// A file has the rows that match, in the order in which they are seen, nothing that a spreadsheet takes for
    /// a formula, and stands in the audit log.
    async fn a_table_is_taken_along_as_it_is_seen(world) {
        with_components(world, NAMED).await;
        with_components(world, &[("formula", "公式", "=1+1")]).await;
        let operator = world.staff(Role::Operator);
        let file = operator.get("/admin/components?q=search&sort=name&format=csv").await.is(200);
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"components.csv\"");
        assert_eq!(file.header("cache-control"), "no-store");
        let text = file.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("Name,Other languages,Key,State"), "{text}");
        assert!(lines[1].starts_with("Search 9,搜索 9,search-9,"), "{text}");
        assert!(lines[2].starts_with("Search 10,"), "{text}");
        let formula = operator.get("/admin/components?q=formula&format=csv").await.is(200).text();
        assert!(formula.contains("'=1+1"), "{formula}");
        let book = operator.get("/admin/components?format=xlsx").await.is(200);
        assert!(book.bytes.starts_with(b"PK"));
        operator.get("/admin/components?format=pdf").await.is(422);
        let administrator = world.staff(Role::Administrator);
        let log = administrator.get("/admin/audit?what=table.export").await.is(200).text();
        assert!(log.contains("components") && log.contains("csv; filter: q=search"), "{log}");
        assert_eq!(log.matches("<tr><td").count(), 3);
    }

    /// More rows than a page has are turned over in the order that was asked for, none twice, none missing.
    async fn a_long_table_is_turned_over(world) {
        let operator = world.staff(Role::Operator);
        let administrator = world.staff(Role::Administrator);
        for n in 0..60 {
            let (once, name) = (format!("a-key-for-token-{n:02}-of-22"), format!("robot {n}"));
            let fields = [("idempotency_key", once.as_str()), ("name", &name), ("role", "viewer"), ("days", "")];
            administrator.post_form("/admin/tokens", &fields).await.is(200);
        }
        let page = async |n: usize| administrator.get(&format!("/admin/tokens?q=robot&sort=-name&page={n}")).await.is(200).text();
        let (first, second) = (page(1).await, page(2).await);
        assert!(first.contains("1–50 of 60") && first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""));
        assert!(second.contains("51–60 of 60") && second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""));
        let mut names = firsts(&first);
        names.extend(firsts(&second));
        let expected: Vec<String> = (0..60).rev().map(|n| format!("robot {n}")).collect();
        assert_eq!(names, expected);
        // Beyond the end is the end: the list may have become shorter since.
        assert!(page(99).await.contains("51–60 of 60"));
        // Only those who may see a table may take it along.
        operator.get("/admin/tokens?format=csv").await.is(403);
    }

    /// Every table of lists answers to its columns, to what it can be narrowed by, and to every format.
    async fn every_list_is_a_table(world) {
        let administrator = world.staff(Role::Administrator);
        administrator.post_form("/admin/settings/demonstration", &[]).await.is(303);
        for path in [
            "/admin/windows", "/admin/surveys", "/admin/improvements?show=all", "/admin/components", "/admin/known-issues",
            "/admin/alarms", "/admin/bulk", "/admin/filters", "/admin/people", "/admin/tokens", "/admin/insights",
            "/admin/surveys/templates", "/admin/surveys/yunfan-finance-core-system-upgrade/invitations",
        ] {
            let page = administrator.get(path).await.is(200).text();
            if !page.contains("<tbody>") {
                // An empty list says what will be in it.
                assert!(page.contains("class=\"empty\""), "{path}");
                continue;
            }
            let sorts: Vec<String> = page
                .split("class=\"sort\" href=\"")
                .skip(1)
                .map(|rest| rest.split(['"', '#']).next().unwrap_or_default().replace("&amp;", "&"))
                .collect();
            assert!(sorts.len() > 2, "{path}");
            for to in &sorts {
                administrator.get(&to.replace("&#38;", "&")).await.is(200);
            }
            let gap = if path.contains('?') { '&' } else { '?' };
            for format in ["csv", "xlsx", "jsonl"] {
                administrator.get(&format!("{path}{gap}format={format}")).await.is(200);
            }
            administrator.get(&format!("{path}{gap}q=zzzz")).await.is(200);
        }
    }
}
