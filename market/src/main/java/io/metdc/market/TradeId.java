package io.metdc.market;

/// The exchange's id of a trade, unique within an instrument.
///
/// Ids that are plain numbers of up to 18 digits are kept as numbers, since those sort rightly and take a fifth of the
/// space; everything else stays text, unchanged. So `007` is text and `7` is a number, and both come back as they were.
///
/// @param number the id, or 0 when `text` is not empty; 0 is itself a valid id when `text` is empty
/// @param text   the id as written, or "" when it is a number
public record TradeId(long number, String text) {
    /// Longer ones are kept as text.
    public static final int MAX_DIGITS = 18;
    private static final long MAX_NUMBER = 999_999_999_999_999_999L;

    public TradeId {
        if (number < 0 || number > MAX_NUMBER || (number != 0 && !text.isEmpty())) {
            throw new IllegalArgumentException("no trade id: number " + number + ", text '" + text + "'");
        }
    }

    /// An id that the exchange writes as a number.
    ///
    /// @throws IllegalArgumentException when it is negative
    public static TradeId of(long number) {
        if (number > MAX_NUMBER) {
            return new TradeId(0, Long.toString(number));
        }
        return new TradeId(number, "");
    }

    /// An id that the exchange writes as text.
    ///
    /// @throws IllegalArgumentException when it is empty
    public static TradeId of(String written) {
        if (written.isEmpty()) {
            throw new IllegalArgumentException("an empty trade id");
        }
        return isPlainNumber(written) ? new TradeId(Long.parseLong(written), "") : new TradeId(0, written);
    }

    public boolean isNumber() {
        return text.isEmpty();
    }

    private static boolean isPlainNumber(String written) {
        int length = written.length();
        if (length > MAX_DIGITS || (length > 1 && written.charAt(0) == '0')) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = written.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
        }
        return true;
    }

    /// The id as the exchange wrote it.
    @Override
    public String toString() {
        return text.isEmpty() ? Long.toString(number) : text;
    }
}
