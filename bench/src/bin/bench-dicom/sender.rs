//! A sender that costs next to nothing beside the server: fragments of pixels go from memory to the socket without a copy,
//! each image when the last one is answered (DICOM PS3.7, 9.3.1). `dicom-ul` negotiates the association.

use std::io::{IoSlice, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use bianque_bench::percentile;
use dicom_ul::ClientAssociationOptions;

use crate::image::{Bank, Image};
use crate::servers::Served;

/// What is proposed, and the largest fragment that is sent.
const LONGEST: u32 = 128 * 1024;
const TRANSFER_SYNTAX: &str = "1.2.840.10008.1.2.1";
const PATIENCE: Duration = Duration::from_mins(2);
/// `IOV_MAX` of Linux.
const SLICES_AT_ONCE: usize = 1024;
const P_DATA: u8 = 4;
const COMMAND: u8 = 1;
const LAST: u8 = 2;
const STATUS: [u8; 4] = [0x00, 0x00, 0x00, 0x09];

/// How long it took, and what a single image waited.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Sends images over so many associations, each with its share of them.
pub(crate) fn send(to: &Served, bank: &Bank, images: &[Image], associations: usize) -> Result<Sent> {
    let begun = Instant::now();
    let mut waits = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let shares = images.chunks(images.len().div_ceil(associations));
        let senders: Vec<_> = shares.map(|share| scope.spawn(|| one(to, bank, share))).collect();
        for sender in senders {
            waits.extend(sender.join().map_err(|_| anyhow!("a sender panicked"))??);
        }
        Ok(())
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Sent { seconds, p50_ms: percentile(&waits, 0.5), p99_ms: percentile(&waits, 0.99) })
}

fn one(to: &Served, bank: &Bank, images: &[Image]) -> Result<Vec<f64>> {
    let class = images.first().context("nothing to send")?.kind.class();
    let mut association = ClientAssociationOptions::new()
        .calling_ae_title("BENCH")
        .called_ae_title(to.ae_title)
        .with_presentation_context(class, vec![TRANSFER_SYNTAX])
        .max_pdu_length(LONGEST)
        .establish(to.dimse)
        .with_context(|| format!("no association with {}", to.ae_title))?;
    let context = association.presentation_contexts().first().context("the class is refused")?.id;
    // A server without a limit says 0.
    let longest = match association.acceptor_max_pdu_length() {
        0 => LONGEST,
        told => told.min(LONGEST),
    };
    let stream = association.inner_stream();
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut waits = Vec::with_capacity(images.len());
    for (number, image) in (1..).zip(images) {
        let begun = Instant::now();
        store(stream, context, number, image, bank, longest as usize)?;
        let status = answer(stream)?;
        ensure!(status == 0, "{}: status {status:04x}", image.instance_uid);
        waits.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    association.release()?;
    Ok(waits)
}

fn store(
    stream: &mut TcpStream,
    context: u8,
    number: u16,
    image: &Image,
    bank: &Bank,
    longest: usize,
) -> Result<()> {
    let command = command(number, image);
    let command_head = head(context, COMMAND | LAST, command.len())?;
    // A fragment has six bytes of its own in the length of its PDU.
    let (room, length) = (longest - 6, image.length(bank));
    let heads: Vec<[u8; 12]> = (0..length)
        .step_by(room)
        .map(|at| {
            let rest = length - at;
            head(context, if rest <= room { LAST } else { 0 }, rest.min(room))
        })
        .collect::<Result<_>>()?;
    let mut slices = vec![IoSlice::new(&command_head), IoSlice::new(&command)];
    let mut heads = heads.iter();
    let mut free = 0;
    for mut piece in image.pieces(bank) {
        while !piece.is_empty() {
            if free == 0 {
                slices.push(IoSlice::new(heads.next().context("more pixels than counted")?));
                free = room;
            }
            let (now, later) = piece.split_at(piece.len().min(free));
            slices.push(IoSlice::new(now));
            (piece, free) = (later, free - now.len());
        }
        if slices.len() >= SLICES_AT_ONCE / 2 {
            write_all(stream, &mut slices)?;
            slices.clear();
        }
    }
    write_all(stream, &mut slices)
}

fn write_all(stream: &mut TcpStream, slices: &mut [IoSlice<'_>]) -> Result<()> {
    let mut rest = slices;
    while !rest.is_empty() {
        let at_once = rest.len().min(SLICES_AT_ONCE);
        let written = stream.write_vectored(&rest[..at_once])?;
        ensure!(written > 0, "the server takes no more");
        IoSlice::advance_slices(&mut rest, written);
    }
    Ok(())
}

/// Heads of a PDU and of the one fragment in it (PS3.8, 9.3.5).
fn head(context: u8, flags: u8, length: usize) -> Result<[u8; 12]> {
    let length = u32::try_from(length)?;
    let (pdu, fragment) = ((length + 6).to_be_bytes(), (length + 2).to_be_bytes());
    let mut head = [P_DATA, 0, 0, 0, 0, 0, 0, 0, 0, 0, context, flags];
    head[2..6].copy_from_slice(&pdu);
    head[6..10].copy_from_slice(&fragment);
    Ok(head)
}

/// C-STORE-RQ, in Implicit VR Little Endian.
fn command(number: u16, image: &Image) -> Vec<u8> {
    let mut set = Vec::new();
    let mut element = |tag: u16, value: &[u8]| {
        let mut value = value.to_vec();
        value.resize(value.len().next_multiple_of(2), 0);
        set.extend_from_slice(&[0, 0]);
        set.extend_from_slice(&tag.to_le_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "a UID has 64 characters at most")]
        set.extend_from_slice(&(value.len() as u32).to_le_bytes());
        set.extend_from_slice(&value);
    };
    element(0x0002, image.kind.class().as_bytes());
    element(0x0100, &1_u16.to_le_bytes());
    element(0x0110, &number.to_le_bytes());
    element(0x0700, &0_u16.to_le_bytes());
    element(0x0800, &0_u16.to_le_bytes());
    element(0x1000, image.instance_uid.as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "some hundred bytes")]
    let length = (set.len() as u32).to_le_bytes();
    [&[0, 0, 0, 0, 4, 0, 0, 0], &length[..], &set].concat()
}

/// The status of the next answer.
fn answer(stream: &mut TcpStream) -> Result<u16> {
    let mut head = [0; 6];
    stream.read_exact(&mut head).context("no answer")?;
    let mut body = vec![0; u32::from_be_bytes([head[2], head[3], head[4], head[5]]).min(LONGEST) as usize];
    stream.read_exact(&mut body)?;
    ensure!(head[0] == P_DATA, "PDU of type {} instead of an answer", head[0]);
    // After the head of the fragment come elements: tag, length, value.
    let mut rest = body.get(6..).unwrap_or_default();
    while let Some((element, after)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([element[4], element[5], element[6], element[7]]) as usize;
        let Some((value, next)) = after.split_at_checked(length) else { break };
        if let (true, [low, high]) = (element[..4] == STATUS, value) {
            return Ok(u16::from_le_bytes([*low, *high]));
        }
        rest = next;
    }
    bail!("an answer without a status")
}
