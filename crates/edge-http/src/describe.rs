//! What a handler takes of a request, read from the types of its arguments: `/api/openapi.json` says it, and no route can
//! say something else.

use axum::body::Bytes;
use axum::extract::{
    ConnectInfo, Extension, Form, OriginalUri, Path, Query, RawQuery, Request, State, WebSocketUpgrade,
};
use axum::http::{HeaderMap, Method, Uri};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::body::Body;
use crate::caller::{Anonymous, Caller};

/// What an operation of the description says of its input.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// `requestBody`, where there is one.
    pub(crate) body: Option<Value>,
    /// Parameters of the query.
    pub(crate) query: Vec<Value>,
}

/// An argument of a handler.
pub(crate) trait Argument {
    /// Says what it takes of the request; most take nothing that a caller chooses.
    fn describe(_: &mut Input) {}
}

/// The arguments of a handler.
pub(crate) trait Arguments {
    /// Says what they take.
    fn input() -> Input;
}

macro_rules! nothing_to_say {
    ($($name:ty),+) => { $(impl Argument for $name {})+ };
}

nothing_to_say!(Anonymous, Caller, HeaderMap, Method, OriginalUri, Request, Uri, WebSocketUpgrade);

impl Argument for RawQuery {}
impl<T> Argument for State<T> {}
impl<T> Argument for Extension<T> {}
impl<T> Argument for ConnectInfo<T> {}
impl<T> Argument for Option<T> {}
// Parameters of the path are named by the path.
impl<T> Argument for Path<T> {}

impl Argument for Bytes {
    fn describe(input: &mut Input) {
        input.body = Some(json!({"content": {"application/octet-stream": {}}}));
    }
}

impl<T> Argument for Form<T> {
    fn describe(input: &mut Input) {
        input.body = Some(json!({"content": {"application/x-www-form-urlencoded": {}}}));
    }
}

impl<T: JsonSchema> Argument for Body<T> {
    fn describe(input: &mut Input) {
        let schema = schema::<T>();
        input.body = Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}));
    }
}

impl<T: JsonSchema> Argument for Query<T> {
    fn describe(input: &mut Input) {
        let schema = schema::<T>();
        let required =
            |name: &String| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
        let Some(properties) = schema["properties"].as_object() else { return };
        input.query.extend(properties.iter().map(|(name, property)| {
            json!({"name": name, "in": "query", "required": required(name), "schema": property})
        }));
    }
}

/// The schema of a type, whole in itself.
fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings).into_root_schema_for::<T>().to_value()
}

macro_rules! arguments {
    ($($name:ident),*) => {
        impl<M, $($name: Argument),*> Arguments for (M, $($name,)*) {
            fn input() -> Input {
                #[allow(unused_mut, reason = "a handler without arguments")]
                let mut input = Input::default();
                $($name::describe(&mut input);)*
                input
            }
        }
    };
}

arguments!();
arguments!(A);
arguments!(A, B);
arguments!(A, B, C);
arguments!(A, B, C, D);
arguments!(A, B, C, D, E);
arguments!(A, B, C, D, E, F);

/// The operation's input in the words of OpenAPI, with the parameters of its path.
pub(crate) fn operation(path: &str, input: Input, operation: &mut Map<String, Value>) {
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let of_path =
        |name: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    let parameters: Vec<Value> = names.map(of_path).chain(input.query).collect();
    operation.insert("parameters".into(), json!(parameters));
    if let Some(body) = input.body {
        operation.insert("requestBody".into(), body);
    }
}
