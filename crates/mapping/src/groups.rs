//! Which segments of a message belong together.
//!
//! Messages are read by the order of their segments rather than by the grammar of their structure: senders leave out groups,
//! put segments of their own between them, and say another structure in MSH-9 than they send.

use bianque_hl7v2::{Message, Segment};

/// A message in groups.
#[derive(Debug, Default)]
pub(crate) struct Groups<'m> {
    /// What is about the message, its patient and the visit: everything before the first order.
    pub(crate) head: Vec<Segment<'m>>,
    /// Orders, each with what belongs to it.
    pub(crate) orders: Vec<Order<'m>>,
}

/// An order or a report: ORC, OBR and what follows them.
#[derive(Debug, Default)]
pub(crate) struct Order<'m> {
    /// ORC, OBR, TQ1, IPC, SPM, and others that are no observations.
    pub(crate) segments: Vec<Segment<'m>>,
    pub(crate) observations: Vec<Noted<'m>>,
    /// NTE of the order itself.
    pub(crate) notes: Vec<Segment<'m>>,
}

/// An observation with its notes.
#[derive(Debug)]
pub(crate) struct Noted<'m> {
    pub(crate) segment: Segment<'m>,
    pub(crate) notes: Vec<Segment<'m>>,
}

impl<'m> Groups<'m> {
    pub(crate) fn of(message: &'m Message) -> Self {
        let mut groups = Self::default();
        for segment in message.segments() {
            groups.add(segment);
        }
        groups
    }

    fn add(&mut self, segment: Segment<'m>) {
        let name = segment.name();
        let begins = match name {
            "ORC" => true,
            "OBR" => self.orders.last().is_none_or(|order| order.has("OBR")),
            _ => false,
        };
        if begins {
            self.orders.push(Order::default());
        }
        match self.orders.last_mut() {
            Some(order) => order.add(segment),
            None => self.head.push(segment),
        }
    }

    /// Those of the head that have a name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = Segment<'m>> {
        self.head.iter().copied().filter(move |segment| segment.name() == name)
    }

    /// Observations that belong to no order, each with the notes behind it.
    pub(crate) fn loose(&self) -> Vec<Noted<'m>> {
        let mut found: Vec<Noted<'m>> = Vec::new();
        let mut within = false;
        for segment in &self.head {
            match segment.name() {
                "OBX" => {
                    found.push(Noted { segment: *segment, notes: Vec::new() });
                    within = true;
                }
                "NTE" if within => {
                    if let Some(last) = found.last_mut() {
                        last.notes.push(*segment);
                    }
                }
                "PRT" => {}
                _ => within = false,
            }
        }
        found
    }
}

impl<'m> Order<'m> {
    /// Whether there is such a segment.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.segments.iter().any(|segment| segment.name() == name)
    }

    fn add(&mut self, segment: Segment<'m>) {
        match (segment.name(), self.observations.last_mut()) {
            ("OBX", _) => self.observations.push(Noted { segment, notes: Vec::new() }),
            ("NTE", Some(last)) => last.notes.push(segment),
            ("NTE", None) => self.notes.push(segment),
            _ => self.segments.push(segment),
        }
    }
}

#[cfg(test)]
mod tests {
    use bianque_hl7v2::Charset;

    use super::*;

    #[test]
    fn orders_begin_with_orc_or_with_another_obr() {
        let names = "MSH|^~\\&|a\rPID|1\rOBX|0\rNTE|0\rPV1|1\rORC|1\rOBR|1\rNTE|1\rOBX|1\rNTE|2\rOBR|2\rOBX|2\rORC|3\r";
        let message = Message::parse(names.as_bytes().to_vec(), Charset::UTF_8).unwrap();
        let groups = Groups::of(&message);
        assert_eq!(groups.head.len(), 5);
        assert_eq!((groups.loose().len(), groups.loose()[0].notes.len()), (1, 1));
        let shape: Vec<_> = groups
            .orders
            .iter()
            .map(|it| (it.segments.len(), it.observations.len(), it.notes.len()))
            .collect();
        assert_eq!(shape, [(2, 1, 1), (1, 1, 0), (1, 0, 0)]);
        assert_eq!(groups.orders[0].observations[0].notes.len(), 1);
    }
}
