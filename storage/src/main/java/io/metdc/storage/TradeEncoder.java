package io.metdc.storage;

import io.metdc.market.Flag;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/// Writes trades in the format of `COPY … FROM STDIN BINARY`, without a detour through text. Used by one thread.
///
/// Source: PostgreSQL 18 documentation, COPY, "Binary Format"; `numeric_recv` in src/backend/utils/adt/numeric.c.
public final class TradeEncoder {
    /// The columns in the order in which [#row(int, Trade)] writes them.
    public static final String COLUMNS =
            "executed_at, received_at, id_number, sequence, instrument_id, executed_ns, taker_side, origin,"
                    + " flags, price, size, id_text";

    private static final int COLUMN_COUNT = 12;
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0};
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final BigInteger GROUP = BigInteger.valueOf(10_000);
    private static final short NEGATIVE = 0x4000;
    private static final int MAX_FAST_SCALE = 16;
    private static final long[] POWERS = new long[19];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    private final Target target;
    private byte[] buffer;
    private int at;
    private short[] groups = new short[32];

    /// Where full buffers go.
    @FunctionalInterface
    public interface Target {
        void write(byte[] bytes, int offset, int length) throws SQLException;
    }

    /// @param bufferSize what is collected before the target is called, in bytes
    public TradeEncoder(int bufferSize, Target target) {
        this.buffer = new byte[bufferSize];
        this.target = target;
    }

    /// Begins a stream of rows.
    public void begin() {
        at = 0;
        room(SIGNATURE.length + 8);
        System.arraycopy(SIGNATURE, 0, buffer, 0, SIGNATURE.length);
        at = SIGNATURE.length;
        putInt(0); // no flags
        putInt(0); // no extension of the header
    }

    /// Adds one row.
    public void row(int instrumentId, Trade trade) throws SQLException {
        if (buffer.length - at < 1024) {
            flush();
        }
        room(2 + COLUMN_COUNT * 12);
        SHORT.set(buffer, at, (short) COLUMN_COUNT);
        at += 2;
        long executedMicros = Math.floorDiv(trade.executedAtNanos(), 1_000L);
        putInt(8);
        putLong(executedMicros - MICROS_TO_2000);
        putInt(8);
        putLong(Math.floorDiv(trade.receivedAtNanos(), 1_000L) - MICROS_TO_2000);
        putInt(8);
        putLong(trade.id().number());
        if (trade.sequence() == Trade.NO_SEQUENCE) {
            putInt(-1);
        } else {
            putInt(8);
            putLong(trade.sequence());
        }
        putInt(4);
        putInt(instrumentId);
        putSmallint((short) (trade.executedAtNanos() - executedMicros * 1_000L));
        putSmallint(code(trade.takerSide()));
        putSmallint(code(trade.origin()));
        putSmallint((short) Flag.bits(trade.flags()));
        putNumeric(trade.price());
        putNumeric(trade.size());
        putText(trade.id().text());
    }

    /// Ends the stream: everything has gone to the target afterwards.
    public void end() throws SQLException {
        room(2);
        SHORT.set(buffer, at, (short) -1);
        at += 2;
        flush();
    }

    private static short code(TakerSide side) {
        return switch (side) {
            case BUY -> 1;
            case SELL -> -1;
        };
    }

    private static short code(Origin origin) {
        return switch (origin) {
            case STREAM -> 0;
            case SNAPSHOT -> 1;
            case REFILL -> 2;
            case IMPORT -> 3;
        };
    }

    private void flush() throws SQLException {
        target.write(buffer, 0, at);
        at = 0;
    }

    private void room(int bytes) {
        if (buffer.length - at < bytes) {
            buffer = java.util.Arrays.copyOf(buffer, Math.max(buffer.length * 2, at + bytes));
        }
    }

    private void putInt(int value) {
        INT.set(buffer, at, value);
        at += 4;
    }

    private void putLong(long value) {
        LONG.set(buffer, at, value);
        at += 8;
    }

    private void putSmallint(short value) {
        putInt(2);
        SHORT.set(buffer, at, value);
        at += 2;
    }

    private void putText(String text) {
        if (text.isEmpty()) {
            room(4);
            putInt(0);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        room(4 + bytes.length);
        putInt(bytes.length);
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        at += bytes.length;
    }

    /// Groups of four decimal digits, the first one worth 10000^weight; zeros at either end are left out.
    private void putNumeric(BigDecimal value) {
        int scale = value.scale();
        if (value.precision() < POWERS.length && scale >= 0 && scale <= MAX_FAST_SCALE) {
            putShortNumeric(value.unscaledValue().longValue(), scale);
        } else {
            putLongNumeric(value);
        }
    }

    private void putShortNumeric(long unscaled, int scale) {
        long magnitude = Math.abs(unscaled);
        long whole = magnitude / POWERS[scale];
        int fractionGroups = (scale + 3) / 4;
        long fraction = (magnitude - whole * POWERS[scale]) * POWERS[fractionGroups * 4 - scale];
        int end = 16; // the groups of the fraction end here
        for (int i = end - 1; i >= end - fractionGroups; i--) {
            long rest = fraction / 10_000;
            groups[i] = (short) (fraction - rest * 10_000);
            fraction = rest;
        }
        int first = end - fractionGroups;
        int weight = -1;
        while (whole != 0) {
            long rest = whole / 10_000;
            groups[--first] = (short) (whole - rest * 10_000);
            whole = rest;
            weight++;
        }
        putGroups(first, end, weight, unscaled < 0, scale);
    }

    private void putLongNumeric(BigDecimal value) {
        BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
        int scale = plain.scale();
        int fractionGroups = (scale + 3) / 4;
        BigInteger rest = plain.setScale(fractionGroups * 4).unscaledValue().abs();
        int count = (rest.bitLength() + 12) / 13 + 1; // a group takes more than 13 bits
        if (groups.length < count) {
            groups = new short[count];
        }
        int first = count;
        while (rest.signum() != 0) {
            BigInteger[] parts = rest.divideAndRemainder(GROUP);
            groups[--first] = parts[1].shortValue();
            rest = parts[0];
        }
        putGroups(first, count, count - first - fractionGroups - 1, value.signum() < 0, scale);
    }

    private void putGroups(int from, int to, int weightOfFirst, boolean negative, int scale) {
        int first = from;
        int end = to;
        int weight = weightOfFirst;
        while (first < end && groups[first] == 0) {
            first++;
            weight--;
        }
        while (end > first && groups[end - 1] == 0) {
            end--;
        }
        int count = end - first;
        room(12 + 2 * count);
        putInt(8 + 2 * count);
        SHORT.set(buffer, at, (short) count);
        SHORT.set(buffer, at + 2, (short) (count == 0 ? 0 : weight));
        SHORT.set(buffer, at + 4, negative ? NEGATIVE : 0);
        SHORT.set(buffer, at + 6, (short) scale);
        at += 8;
        for (int i = first; i < end; i++) {
            SHORT.set(buffer, at, groups[i]);
            at += 2;
        }
    }
}
