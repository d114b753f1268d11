//! What policy lets through, as a condition on the row of the target: any clause whose term holds and which nothing bars.

use bianque_model::ResourceId;
use bianque_query::{Asker, Bar, Clause, Scope, Term, Tie};

use super::condition::{among, lies_in};
use super::one::{is_one_with, survivor};
use super::{Sql, Target};
use crate::sqlite::paths::Kind;

/// The parameter that security labels are found by.
const LABELS: &str = "_security";

/// What the asker of the target may see.
pub(in crate::sqlite) fn seen(target: &Target<'_>) -> rusqlite::Result<Sql> {
    scope(target, target.scope)
}

/// What a scope lets through.
fn scope(target: &Target<'_>, scope: &Scope) -> rusqlite::Result<Sql> {
    match scope {
        Scope::All => Ok(Sql::of("1")),
        Scope::Any(clauses) => {
            let parts = clauses.iter().map(|clause| by_clause(target, clause));
            let parts = parts.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(Sql::join(parts.into_iter().flatten().collect(), " OR ", Sql::never))
        }
        Scope::Every(scopes) => {
            let parts = scopes.iter().map(|one| self::scope(target, one));
            Ok(Sql::join(parts.collect::<rusqlite::Result<Vec<_>>>()?, " AND ", Sql::always))
        }
    }
}

/// A clause; none: it lets nothing of this type through.
fn by_clause(target: &Target<'_>, clause: &Clause) -> rusqlite::Result<Option<Sql>> {
    if !clause.types.is_empty() && !clause.types.iter().any(|name| name == target.resource_type) {
        return Ok(None);
    }
    let Some(term) = term(target, &clause.term)? else { return Ok(None) };
    let mut parts = vec![term];
    for bar in &clause.unless {
        let held = match bar {
            Bar::Labelled { system, codes } => labelled(target, system, codes)?,
            Bar::Denied(asker) => Some(denied(target, asker)?),
        };
        parts.extend(held.map(not));
    }
    Ok(Some(Sql::join(parts, " AND ", Sql::always)))
}

fn term(target: &Target<'_>, term: &Term) -> rusqlite::Result<Option<Sql>> {
    Ok(match term {
        Term::Types(types) => types.iter().any(|name| name == target.resource_type).then(|| Sql::of("1")),
        Term::In(compartment) => Some(lies_in(target, compartment)),
        Term::PatientsOf(organization) => patients_of(target, organization)?,
        Term::PatientsTied(tie) => patients_tied(target, tie)?,
        Term::Permitted(asker) => Some(permitted(target, asker)?),
    })
}

/// The number under which a parameter of a type has values of a kind; none: no resource ever had one.
fn number(
    target: &Target<'_>,
    resource_type: &str,
    param: &str,
    kind: Kind,
) -> rusqlite::Result<Option<i64>> {
    let numbers = target.numbers.of(resource_type, param)?;
    Ok(numbers.into_iter().find(|(found, _)| *found == kind).map(|(_, number)| number))
}

/// Begins a look at the patients of the resource, as `c`, together with other tables.
fn of_its_patients(target: &Target<'_>, tables: &str) -> Sql {
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM compartment c");
    sql.push(tables).push(" WHERE c.tenant = ").bind(i64::from(target.tenant.0));
    sql.push(&format!(" AND c.resource = {}.key AND c.kind = 'Patient'", target.row()));
    sql
}

fn patients_of(target: &Target<'_>, organization: &ResourceId) -> rusqlite::Result<Option<Sql>> {
    let tenant = i64::from(target.tenant.0);
    let Some(number) = number(target, "Patient", "organization", Kind::Reference)? else { return Ok(None) };
    let mut sql = of_its_patients(target, " CROSS JOIN resource p CROSS JOIN index_reference x");
    sql.push(" AND p.tenant = ").bind(tenant).push(" AND p.type = 'Patient' AND p.id = ");
    // Of records that are one, the institution is that of the one that stands for them.
    sql.append(survivor(target, "c.id"));
    sql.push(" AND x.tenant = ").bind(tenant).push(" AND x.resource = p.key AND x.path = ").bind(number);
    sql.push(" AND x.target_id = ").bind(organization.to_string());
    sql.push(" AND x.target_type = 'Organization')");
    Ok(Some(sql))
}

/// From the patient to the few resources that are about them, and from those to whom they name.
fn patients_tied(target: &Target<'_>, tie: &Tie) -> rusqlite::Result<Option<Sql>> {
    let tenant = i64::from(target.tenant.0);
    let about = number(target, &tie.resource_type, "patient", Kind::Reference)?;
    let names = number(target, &tie.resource_type, &tie.param, Kind::Reference)?;
    let status = number(target, &tie.resource_type, "status", Kind::Token)?;
    let (Some(about), Some(names), Some(status)) = (about, names, status) else { return Ok(None) };
    let mut sql = of_its_patients(
        target,
        " CROSS JOIN index_reference q CROSS JOIN index_reference x CROSS JOIN index_token s",
    );
    sql.push(" AND q.tenant = ").bind(tenant).push(" AND q.path = ").bind(about);
    sql.push(" AND ").append(is_one_with(target, "q.target_id", "c.id"));
    sql.push(" AND q.target_type = 'Patient'");
    sql.push(" AND x.tenant = ").bind(tenant).push(" AND x.resource = q.resource AND x.path = ").bind(names);
    sql.push(" AND x.target_id = ").bind(tie.target.id.to_string());
    sql.push(" AND x.target_type = ").bind(tie.target.resource_type.clone());
    sql.push(" AND s.tenant = ").bind(tenant).push(" AND s.resource = q.resource AND s.path = ").bind(status);
    sql.push(" AND ").append(among("s.code", tie.status.iter().map(String::as_str))).push(")");
    Ok(Some(sql))
}

fn labelled(target: &Target<'_>, system: &str, codes: &[String]) -> rusqlite::Result<Option<Sql>> {
    let Some(number) = number(target, target.resource_type, LABELS, Kind::Token)? else { return Ok(None) };
    let mut sql = Sql::of("EXISTS (SELECT 1 FROM index_token x WHERE x.tenant = ");
    sql.bind(i64::from(target.tenant.0));
    sql.push(&format!(" AND x.resource = {}.key AND x.path = ", target.row())).bind(number);
    sql.push(" AND x.system = ").bind(system.to_owned());
    sql.push(" AND ").append(among("x.code", codes.iter().map(String::as_str))).push(")");
    Ok(Some(sql))
}

/// Some rule of a patient denies, and no deeper one of the same Consent permits.
fn denied(target: &Target<'_>, asker: &Asker) -> rusqlite::Result<Sql> {
    let mut sql = of_its_patients(target, " CROSS JOIN rule a");
    sql.push(" AND ").append(is_one_with(target, "a.patient", "c.id"));
    sql.push(" AND a.permit = 0").append(matches(target, "a", asker, true)?);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM rule b WHERE b.resource = a.resource AND b.patient = a.patient");
    sql.push(" AND b.permit = 1 AND b.depth > a.depth").append(matches(target, "b", asker, true)?).push("))");
    Ok(sql)
}

/// Some rule of a patient permits by name, and none of the same Consent as deep or deeper denies.
fn permitted(target: &Target<'_>, asker: &Asker) -> rusqlite::Result<Sql> {
    let mut sql = of_its_patients(target, " CROSS JOIN rule a");
    sql.push(" AND ").append(is_one_with(target, "a.patient", "c.id"));
    sql.push(" AND a.permit = 1").append(matches(target, "a", asker, false)?);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM rule b WHERE b.resource = a.resource AND b.patient = a.patient");
    sql.push(" AND b.permit = 0 AND b.depth >= a.depth")
        .append(matches(target, "b", asker, true)?)
        .push("))");
    Ok(sql)
}

/// Whether a rule is about the resource and the asker now.
fn matches(target: &Target<'_>, rule: &str, asker: &Asker, also_everybody: bool) -> rusqlite::Result<Sql> {
    let mut names: Vec<&str> = asker.names.iter().map(String::as_str).collect();
    if also_everybody {
        names.push("");
    }
    let mut sql = Sql::of(&format!(" AND {rule}.tenant = "));
    sql.bind(i64::from(target.tenant.0));
    sql.push(&format!(" AND {rule}.low <= ")).bind(asker.at.0);
    sql.push(&format!(" AND {rule}.high > ")).bind(asker.at.0);
    sql.push(" AND ").append(among(&format!("{rule}.grantee"), names));
    sql.push(&format!(" AND ({rule}.type = '' OR {rule}.type = ")).bind(target.resource_type.to_owned());
    sql.push(&format!(") AND ({rule}.label = ''"));
    if let Some(number) = number(target, target.resource_type, LABELS, Kind::Token)? {
        sql.push(" OR EXISTS (SELECT 1 FROM index_token l WHERE l.tenant = ")
            .bind(i64::from(target.tenant.0));
        sql.push(&format!(" AND l.resource = {}.key AND l.path = ", target.row())).bind(number);
        sql.push(&format!(" AND l.code = {rule}.label)"));
    }
    sql.push(")");
    Ok(sql)
}

/// Whether a condition does not hold.
fn not(condition: Sql) -> Sql {
    let mut sql = Sql::of("NOT ");
    sql.append(condition);
    sql
}
