//! The inverse DCT of a block (T.81 A.3.3), by the factorization of Loeffler, Ligtenberg and Moschytz (ICASSP 1989).

/// Eight numbers side by side.
type Eight = [f32; 8];

/// Samples of a block of dequantized coefficients, row by row, around zero.
pub(super) fn inverse(block: &mut [Eight; 8]) {
    pass(block);
    transpose(block);
    pass(block);
    transpose(block);
    for row in block {
        for value in row {
            // Each pass makes all larger by the root of eight.
            *value *= 0.125;
        }
    }
}

fn transpose(block: &mut [Eight; 8]) {
    let rows = *block;
    *block = std::array::from_fn(|row| std::array::from_fn(|column| rows[column][row]));
}

/// The one-dimensional transform of all eight columns at once.
fn pass(rows: &mut [Eight; 8]) {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = *rows;
    let rotated = scale(add(r2, r6), 0.541_196_1);
    let even = [add(r0, r4), sub(r0, r4)];
    let turned = [add(rotated, scale(r6, -1.847_759)), add(rotated, scale(r2, 0.765_366_9))];
    let sums =
        [add(even[0], turned[1]), add(even[1], turned[0]), sub(even[1], turned[0]), sub(even[0], turned[1])];
    let (outer, inner) = (scale(add(r7, r1), -0.899_976_2), scale(add(r5, r3), -2.562_915_4));
    let both = scale(add(add(r7, r3), add(r5, r1)), 1.175_875_6);
    let left = add(scale(add(r7, r3), -1.961_570_6), both);
    let right = add(scale(add(r5, r1), -0.390_180_64), both);
    let odd = [
        add(scale(r1, 1.501_321_1), add(outer, right)),
        add(scale(r3, 3.072_711), add(inner, left)),
        add(scale(r5, 2.053_12), add(inner, right)),
        add(scale(r7, 0.298_631_34), add(outer, left)),
    ];
    for at in 0..4 {
        rows[at] = add(sums[at], odd[at]);
        rows[7 - at] = sub(sums[at], odd[at]);
    }
}

#[inline]
fn add(left: Eight, right: Eight) -> Eight {
    std::array::from_fn(|at| left[at] + right[at])
}

#[inline]
fn sub(left: Eight, right: Eight) -> Eight {
    std::array::from_fn(|at| left[at] - right[at])
}

#[inline]
fn scale(of: Eight, by: f32) -> Eight {
    of.map(|value| value * by)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::inverse;

    /// The sum of A.3.3 as it stands there.
    fn by_definition(block: &[[f32; 8]; 8]) -> [[f64; 8]; 8] {
        let root = |at: usize| if at == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let wave = |place: usize, at: usize| ((2 * place + 1) as f64 * at as f64 * PI / 16.0).cos();
        std::array::from_fn(|y| {
            std::array::from_fn(|x| {
                let terms = (0..64).map(|at| {
                    let (v, u) = (at / 8, at % 8);
                    root(u) * root(v) * f64::from(block[v][u]) * wave(x, u) * wave(y, v)
                });
                terms.sum::<f64>() / 4.0
            })
        })
    }

    #[test]
    fn it_is_what_the_standard_defines() {
        let mut seed = 7_u32;
        let mut block: [[f32; 8]; 8] = std::array::from_fn(|_| {
            std::array::from_fn(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f32::from(u16::try_from(seed >> 20).unwrap()) - 2048.0
            })
        });
        let expected = by_definition(&block);
        inverse(&mut block);
        for (row, wanted) in block.iter().flatten().zip(expected.iter().flatten()) {
            assert!((f64::from(*row) - wanted).abs() < 0.01, "{row} instead of {wanted}");
        }
    }
}
