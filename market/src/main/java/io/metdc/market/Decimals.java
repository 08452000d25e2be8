package io.metdc.market;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// Exact decimals from what an exchange wrote: no `double` on the way, and no text can make it costly.
public final class Decimals {
    /// Longer numbers are no price and no size; they are not read at all.
    public static final int MAX_LENGTH = 200;

    private static final int FAST_DIGITS = 18;

    private Decimals() {}

    /// Reads a plain or exponent decimal such as `0.0044478`, `10403` or `1.0E-4`, keeping its trailing zeros.
    ///
    /// @return the number, or null when the text is no decimal or longer than [#MAX_LENGTH]
    public static @Nullable BigDecimal parse(char[] text, int offset, int length) {
        if (length == 0 || length > MAX_LENGTH) {
            return null;
        }
        int i = offset;
        int end = offset + length;
        boolean negative = text[i] == '-';
        if (negative) {
            i++;
        }
        long unscaled = 0;
        int digits = 0;
        int point = -1;
        for (; i < end; i++) {
            char c = text[i];
            if (c >= '0' && c <= '9') {
                if (++digits > FAST_DIGITS) {
                    return parseSlowly(text, offset, length);
                }
                unscaled = unscaled * 10 + (c - '0');
            } else if (c == '.' && point < 0 && digits > 0) {
                point = digits;
            } else {
                return parseSlowly(text, offset, length);
            }
        }
        if (digits == 0 || point == digits) {
            return null;
        }
        return BigDecimal.valueOf(negative ? -unscaled : unscaled, point < 0 ? 0 : digits - point);
    }

    /// As [#parse(char[], int, int)].
    public static @Nullable BigDecimal parse(String text) {
        return parse(text.toCharArray(), 0, text.length());
    }

    /// Stands for a number that is not negative, however it is written: equal numbers have the same, others hardly
    /// ever.
    ///
    /// @param number plausible, as [Plausibility#isPlausible(BigDecimal)] has it
    public static long mark(BigDecimal number) {
        int scale = number.scale();
        if (scale < 0 || scale > FAST_DIGITS || number.precision() > FAST_DIGITS) {
            BigDecimal stripped = number.stripTrailingZeros();
            return mark(stripped.unscaledValue().longValue(), stripped.scale());
        }
        long unscaled = number.scaleByPowerOfTen(scale).longValue();
        while (unscaled % 10 == 0 && unscaled != 0) {
            unscaled /= 10;
            scale--;
        }
        return mark(unscaled, scale);
    }

    private static long mark(long unscaled, int scale) {
        return unscaled * 64 + scale;
    }

    /// Writes a number in the one form that all ways to write it share: no exponent, no trailing zeros, no point
    /// without digits behind it. `25.00` becomes `25`, `5E-1` becomes `0.5`.
    ///
    /// @param number plausible, as [Plausibility#isPlausible(BigDecimal)] has it, or the text may be endless
    public static void appendCanonical(StringBuilder out, BigDecimal number) {
        int scale = number.scale();
        if (scale < 0 || scale > FAST_DIGITS || number.precision() > FAST_DIGITS || number.signum() < 0) {
            out.append(number.stripTrailingZeros().toPlainString());
            return;
        }
        long unscaled = number.scaleByPowerOfTen(scale).longValue();
        while (scale > 0 && unscaled % 10 == 0) {
            unscaled /= 10;
            scale--;
        }
        long unit = 1;
        for (int i = 0; i < scale; i++) {
            unit *= 10;
        }
        out.append(unscaled / unit);
        if (scale > 0) {
            out.append('.');
            long behind = unscaled % unit;
            for (long place = unit / 10; place > behind; place /= 10) {
                out.append('0');
            }
            out.append(behind);
        }
    }

    private static @Nullable BigDecimal parseSlowly(char[] text, int offset, int length) {
        char first = text[offset];
        if (first != '-' && (first < '0' || first > '9')) {
            return null;
        }
        for (int i = offset; i < offset + length; i++) {
            char c = text[i];
            boolean allowed = (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
            boolean isBarePoint = c == '.' && (i + 1 == offset + length || text[i + 1] < '0' || text[i + 1] > '9');
            if (!allowed || isBarePoint) { // BigDecimal would also read digits of other scripts, and 1.e2
                return null;
            }
        }
        try {
            return new BigDecimal(text, offset, length);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
