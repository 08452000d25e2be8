package io.metdc.simulator;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/// Decimals as an exchange writes them: a whole number of steps, always with the same number of decimals, so that a
/// number can be kept in a `long` and is still exact beyond 18 digits.
///
/// @param step  one step, in units of 10^-scale
/// @param scale decimals on the wire, trailing zeros included
record Grid(long step, int scale) {
    private static final int MAX_DIGITS = 19;

    Grid {
        if (step <= 0 || scale < 0) {
            throw new IllegalArgumentException("no grid: step " + step + ", scale " + scale);
        }
    }

    /// The grid of a step such as `0.10`, written with `scale` decimals.
    static Grid of(String step, int scale) {
        BigDecimal exact = new BigDecimal(step).setScale(scale);
        return new Grid(exact.unscaledValue().longValueExact(), scale);
    }

    BigDecimal decimal(long steps) {
        return new BigDecimal(unscaled(steps), scale);
    }

    /// As on the wire.
    String text(long steps) {
        return decimal(steps).toPlainString();
    }

    /// Without zeros at the end.
    String plain(long steps) {
        return plain(decimal(steps)).toPlainString();
    }

    /// A number without zeros at its end, behind the point.
    static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private BigInteger unscaled(long steps) {
        return BigInteger.valueOf(steps).multiply(BigInteger.valueOf(step));
    }

    /// Writes [#text(long)] into `out` at `at`.
    ///
    /// @param steps not negative
    /// @return where the text ends
    int write(byte[] out, int at, long steps) {
        long value = steps * step;
        if (value < 0 || Math.multiplyHigh(steps, step) != 0) {
            byte[] text = text(steps).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, out, at, text.length);
            return at + text.length;
        }
        int digits = Math.max(digits(value), scale + 1);
        int end = at + digits + (scale > 0 ? 1 : 0);
        int position = end;
        for (int i = 0; i < digits; i++) {
            if (i == scale && scale > 0) {
                out[--position] = '.';
            }
            out[--position] = (byte) ('0' + value % 10);
            value /= 10;
        }
        return end;
    }

    /// Writes [#plain(long)].
    int writePlain(byte[] out, int at, long steps) {
        int end = write(out, at, steps);
        if (scale > 0) {
            while (out[end - 1] == '0') {
                end--;
            }
            end -= out[end - 1] == '.' ? 1 : 0;
        }
        return end;
    }

    /// Writes a whole number that is not negative.
    static int write(byte[] out, int at, long value, int digits) {
        for (int position = at + digits - 1; position >= at; position--) {
            out[position] = (byte) ('0' + value % 10);
            value /= 10;
        }
        return at + digits;
    }

    static int digits(long value) {
        long limit = 10;
        for (int digits = 1; digits < MAX_DIGITS; digits++) {
            if (value < limit) {
                return digits;
            }
            limit *= 10;
        }
        return MAX_DIGITS;
    }
}
