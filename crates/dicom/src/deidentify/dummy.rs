//! Values that say nothing.

use dicom_core::{Tag, VR};

use crate::data_set::{DataSet, width};

/// Puts one that its representation allows.
pub(super) fn put(data_set: &mut DataSet, tag: Tag, vr: VR) {
    let text = match vr {
        VR::PN | VR::LO | VR::SH | VR::ST | VR::LT | VR::UC | VR::UT => "Anonymous",
        VR::AE | VR::CS => "ANONYMOUS",
        VR::UR => "about:blank",
        VR::DA => "19000101",
        VR::TM => "000000",
        VR::DT => "19000101000000",
        VR::AS => "000Y",
        VR::IS | VR::DS => "0",
        _ => return data_set.set_bytes(tag, vr, vec![0; width(vr).max(2)]),
    };
    data_set.set_text_as(tag, vr, text);
}
