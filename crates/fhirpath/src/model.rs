//! What the interpreter has to be told of types.

/// A type, as a model counts its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// What the value of a primitive is in FHIRPath's own types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitive {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A text.
    String,
    /// A date.
    Date,
    /// A date, perhaps with a time.
    DateTime,
    /// A time of day.
    Time,
}

/// A member of a type, as JSON spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'m> {
    /// `valueQuantity`
    pub json: &'m str,
    /// `_valueQuantity`: where id and extensions of a primitive stand.
    pub beside: &'m str,
    /// What its values are.
    pub type_id: TypeId,
    /// Whether it is an array.
    pub many: bool,
}

/// The types of a version of FHIR.
pub trait Model: Sync {
    /// The type of this name.
    fn type_named(&self, name: &str) -> Option<TypeId>;

    /// The name of a type; of a backbone element its path.
    fn name(&self, of: TypeId) -> &str;

    /// The type that a type is a kind of.
    fn base(&self, of: TypeId) -> Option<TypeId>;

    /// What a primitive's values are; none for what is no primitive.
    fn primitive(&self, of: TypeId) -> Option<Primitive>;

    /// Whether values say themselves what they are, by `resourceType`.
    fn is_resource(&self, of: TypeId) -> bool;

    /// The spellings of an element: one, or as many as a choice has types; none when the type has no such element.
    fn element(&self, of: TypeId, name: &str) -> &[Member<'_>];

    /// The member that JSON spells so, with the name of its element.
    fn member(&self, of: TypeId, json: &str) -> Option<(&str, Member<'_>)>;

    /// Whether a type is another or a kind of it.
    fn is_kind_of(&self, of: TypeId, wanted: TypeId) -> bool {
        let mut next = Some(of);
        // A chain of bases is short; the bound is against a model with a ring.
        for _ in 0..16 {
            match next {
                Some(found) if found == wanted => return true,
                Some(found) => next = self.base(found),
                None => return false,
            }
        }
        false
    }
}
