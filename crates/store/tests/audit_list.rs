//! Stories of who looks through the audit: by time, narrowed, a page at a time, over both files.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use bianque_model::Timestamp;
use bianque_store::{AuditAction, AuditList, AuditPage, AuditRow, Store};
use clinic::{Clinic, NOON, TENANT, clinic, commit, id, seen};

const ROWS: i64 = 240;

/// Everything, in pages of this many.
fn all(limit: usize) -> AuditList {
    AuditList {
        patient: None,
        who: None,
        action: None,
        operation: None,
        success: None,
        emergency: false,
        from: Timestamp(i64::MIN),
        before: (Timestamp(i64::MAX), 0),
        limit,
    }
}

/// Rows of all kinds; every third is a change and lies in the other file. The clock is set back now and then.
async fn a_long_day() -> (Clinic, Vec<AuditRow>) {
    let clinic = clinic();
    let mut written = Vec::new();
    for number in 0..ROWS {
        let mut row = seen(&format!("p{}", number % 7), "chart.read");
        row.at = NOON.plus_seconds(if number % 50 == 49 { number - 20 } else { number });
        row.success = number % 11 != 0;
        row.agent = match number % 5 {
            0 => "Practitioner/li".into(),
            1 => "Practitioner/li by Application/chart".into(),
            2 => "Application/chart".into(),
            _ => format!("User/{}", number % 3),
        };
        row.purpose = if number % 13 == 0 { "BTG".into() } else { "TREAT".into() };
        if number % 3 == 0 {
            (row.action, row.operation) = (AuditAction::U, "visit.admit".into());
            let mut change = commit();
            change.audit.push(row.clone());
            clinic.store.commit(change).await.unwrap();
        } else {
            clinic.store.audit_read(TENANT, row.clone()).await.unwrap();
        }
        written.push(row);
    }
    (clinic, written)
}

/// All pages, one after another, until there are no more.
async fn leafed(store: &Store, list: &AuditList) -> Vec<AuditRow> {
    let (mut list, mut rows) = (list.clone(), Vec::new());
    loop {
        let AuditPage { rows: page, reached } = store.audit_list(TENANT, list.clone()).await.unwrap();
        assert!(page.len() <= list.limit);
        rows.extend(page.into_iter().map(|(_, row)| row));
        match reached {
            Some(place) => list.before = place,
            None => return rows,
        }
    }
}

#[tokio::test]
async fn every_row_is_on_one_page_and_in_the_order_of_time() {
    let (clinic, written) = a_long_day().await;
    for limit in [1, 7, 239, 240, 1_000] {
        let rows = leafed(&clinic.store, &all(limit)).await;
        assert_eq!(rows.len(), written.len(), "pages of {limit}");
        assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.at)));
    }
    let rows = clinic.store.audit_list(TENANT, all(1_000)).await.unwrap();
    assert_eq!(rows.reached, None, "what fits is all there is");
}

/// Each way to narrow, alone and with each other, against the plain question of every row.
#[tokio::test]
async fn what_is_narrowed_is_what_a_reader_of_every_row_would_find() {
    let (clinic, written) = a_long_day().await;
    let ways: [fn(&mut AuditList); 8] = [
        |list| list.patient = Some(id("p3")),
        |list| list.who = Some("Practitioner/li".into()),
        |list| list.who = Some("Application/chart".into()),
        |list| list.action = Some(AuditAction::U),
        |list| list.operation = Some("chart.".into()),
        |list| list.success = Some(false),
        |list| list.emergency = true,
        |list| (list.from, list.before) = (NOON.plus_seconds(40), (NOON.plus_seconds(200), 0)),
    ];
    for first in ways {
        for second in ways {
            let mut list = all(9);
            first(&mut list);
            second(&mut list);
            let wanted = written.iter().filter(|row| is_wanted(&list, row)).count();
            let found = leafed(&clinic.store, &list).await;
            assert_eq!(found.len(), wanted, "{list:?}");
            assert!(found.iter().all(|row| is_wanted(&list, row)), "{list:?}");
        }
    }
}

fn is_wanted(list: &AuditList, row: &AuditRow) -> bool {
    let who = row.agent.split(" by ").next().unwrap();
    list.patient.as_ref().is_none_or(|patient| row.patients.contains(patient))
        && list.who.as_ref().is_none_or(|wanted| who == wanted)
        && list.action.is_none_or(|action| row.action == action)
        && list.operation.as_ref().is_none_or(|operation| row.operation.starts_with(operation.as_str()))
        && list.success.is_none_or(|success| row.success == success)
        && (!list.emergency || row.purpose == "BTG")
        && row.at >= list.from
        && row.at < list.before.0
}

/// What no index knows is looked for a stretch at a time: a page may be empty, and says how far it looked.
#[tokio::test]
async fn a_needle_is_found_without_one_long_read() {
    let clinic = clinic();
    for batch in 0..30 {
        let mut change = commit();
        change.audit = (0..1_000).map(|_| seen("p", "chart.read")).collect();
        if batch == 0 {
            change.audit[0].operation = "needle.found".into();
        }
        clinic.store.commit(change).await.unwrap();
    }
    let list = AuditList { operation: Some("needle".into()), ..all(10) };
    let first = clinic.store.audit_list(TENANT, list.clone()).await.unwrap();
    assert!(first.rows.is_empty());
    let next = AuditList { before: first.reached.unwrap(), ..list };
    let second = clinic.store.audit_list(TENANT, next).await.unwrap();
    assert_eq!((second.rows.len(), second.reached), (1, None));
}
