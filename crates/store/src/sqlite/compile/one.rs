//! Records of patients that are one, reached row by row: whatever stands in a column is taken for its whole group.

use super::{Sql, Target};

/// Whether a column holds the id in another column or, where records are merged, that of any record that is one with it.
pub(super) fn is_one_with(target: &Target<'_>, column: &str, patient: &str) -> Sql {
    if !target.merged {
        return Sql::of(&format!("{column} = {patient}"));
    }
    let tenant = i64::from(target.tenant.0);
    let mut sql = Sql::of(&format!("{column} IN (SELECT {patient} UNION ALL "));
    sql.push("SELECT m.survivor FROM merged m WHERE m.tenant = ").bind(tenant);
    sql.push(&format!(
        " AND m.patient = {patient} UNION ALL SELECT o.patient FROM merged o WHERE o.tenant = "
    ));
    sql.bind(tenant).push(" AND o.survivor = ").append(survivor(target, patient)).push(")");
    sql
}

/// The record that stands for the patient in a column.
pub(super) fn survivor(target: &Target<'_>, patient: &str) -> Sql {
    if !target.merged {
        return Sql::of(patient);
    }
    let mut sql = Sql::of("coalesce((SELECT n.survivor FROM merged n WHERE n.tenant = ");
    sql.bind(i64::from(target.tenant.0)).push(&format!(" AND n.patient = {patient}), {patient})"));
    sql
}
