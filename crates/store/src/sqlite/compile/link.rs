//! Conditions on other resources: those this one refers to, and those that refer to it. Policy is asked of every one.

use bianque_query::Predicate;

use super::one::is_one_with;
use super::statement::living;
use super::{Sql, Target};
use crate::sqlite::paths::Kind;

/// Whether the resource refers by `param` to one of a type that passes `wanted`.
pub(super) fn chain(
    target: &Target<'_>,
    param: &str,
    target_type: &str,
    wanted: &Predicate,
) -> rusqlite::Result<Sql> {
    let Some(number) = references(target, target.resource_type, param)? else { return Ok(Sql::never()) };
    let joined = target.joined(target_type);
    let row = joined.row();
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM index_reference x CROSS JOIN resource ");
    sql.push(&row).push(" WHERE x.tenant = ").bind(i64::from(target.tenant.0));
    sql.push(&format!(" AND x.resource = {}.key AND x.path = ", target.row())).bind(number);
    sql.push(" AND x.target_type = ").bind(target_type.to_owned());
    sql.push(" AND ").append(is_same(&joined, &format!("{row}.id"), "x.target_id"));
    sql.push(" AND ").append(living(&joined, wanted)?).push(")");
    Ok(sql)
}

/// Whether a resource of a type that passes `wanted` refers by `param` to this one.
pub(super) fn referred_by(
    target: &Target<'_>,
    resource_type: &str,
    param: &str,
    wanted: &Predicate,
) -> rusqlite::Result<Sql> {
    let Some(number) = references(target, resource_type, param)? else { return Ok(Sql::never()) };
    let joined = target.joined(resource_type);
    let row = joined.row();
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM index_reference x INDEXED BY index_reference_by_value");
    sql.push(&format!(" CROSS JOIN resource {row} WHERE x.tenant = ")).bind(i64::from(target.tenant.0));
    sql.push(" AND x.path = ").bind(number).push(" AND ");
    sql.append(is_same(target, "x.target_id", &format!("{}.id", target.row())));
    sql.push(" AND x.target_type = ").bind(target.resource_type.to_owned());
    sql.push(&format!(" AND {row}.key = x.resource AND ")).append(living(&joined, wanted)?).push(")");
    Ok(sql)
}

/// Whether two columns hold the id of one resource of the target's type, or of records that are one.
fn is_same(target: &Target<'_>, column: &str, id: &str) -> Sql {
    if target.merges() { is_one_with(target, column, id) } else { Sql::of(&format!("{column} = {id}")) }
}

/// The number under which a parameter has references; none: no resource ever had one.
pub(super) fn references(
    target: &Target<'_>,
    resource_type: &str,
    param: &str,
) -> rusqlite::Result<Option<i64>> {
    let numbers = target.numbers.of(resource_type, param)?;
    Ok(numbers.into_iter().find(|(kind, _)| *kind == Kind::Reference).map(|(_, number)| number))
}
