package io.metdc.storage.journal;

import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The records of a block, big-endian, one after the other: a kind (one byte), then what that kind has.
/// Texts are a length in bytes (2) and UTF-8 in which a lone surrogate keeps its three bytes, so that every
/// `String` comes back as it was. Instruments are numbers that a `DEFINE` record earlier in the same
/// segment explains.
final class Records {
    static final byte DEFINE = 1;
    static final byte TRADE = 2;
    static final byte CONSUMED = 3;
    static final byte COUNTED = 4;
    static final byte REJECTED = 5;
    static final byte HOLE_OPENED = 6;
    static final byte HOLE_FOUND = 7;
    /// A piece of the user's state: length (4), bytes.
    static final byte STATE = 8;
    /// The state is whole: its length (8).
    static final byte STATE_END = 9;
    /// The journal was closed in order.
    static final byte CLOSED = 10;

    static final byte HOLE_CLOSED = 11;
    static final byte COLLECTED = 12;
    /// As [#COUNTED], with the rows that REST brought behind the consumed ids.
    static final byte COUNTED_BY_WAY = 13;

    static final byte UNPROVEN = 14;

    /// No text of a record is longer.
    static final int MAX_TEXT = 500;

    /// No record is longer, with the definition of its instrument before it.
    static final int MAX_BYTES = 16 * 1024;

    private static final int MAX_UNSCALED = 255;

    // The second and third byte of a trade: what it has, and in which form.
    private static final int SELL = 1;
    private static final int ORIGIN_SHIFT = 1;
    private static final int FLAGS_SHIFT = 3;
    private static final int TEXT_ID = 1 << 5;
    private static final int SEQUENCE_IS_ID = 1 << 6;
    private static final int SEQUENCE_FOLLOWS = 1 << 7;
    private static final int LONG_PRICE = 1 << 8;
    private static final int LONG_SIZE = 1 << 9;

    // Their order here is part of the format.
    private static final Origin[] ORIGINS = {Origin.STREAM, Origin.SNAPSHOT, Origin.REFILL, Origin.IMPORT};
    private static final RejectReason[] REASONS = {
        RejectReason.MALFORMED,
        RejectReason.UNKNOWN_INSTRUMENT,
        RejectReason.IMPLAUSIBLE_TIME,
        RejectReason.IMPLAUSIBLE_NUMBER,
        RejectReason.TIME_UNIT,
        RejectReason.OVERFLOW,
        RejectReason.DATABASE,
        RejectReason.REPEAT,
        RejectReason.CUT_GROUP
    };

    private static final HoleOutcome[] OUTCOMES = {
        HoleOutcome.REFILLED, HoleOutcome.NEVER_PUBLIC, HoleOutcome.BEYOND_REACH, HoleOutcome.OUTAGE
    };

    private Records() {}

    static void define(ByteBuffer to, int number, Instrument instrument) {
        to.put(DEFINE).putInt(number);
        text(to, instrument.market().exchange().id());
        text(to, instrument.market().type().id());
        text(to, instrument.symbol());
        text(to, instrument.base());
        text(to, instrument.quote());
        text(to, instrument.settle());
        decimal(to, instrument.contractSize());
        decimal(to, instrument.multiplier());
    }

    /// @throws IllegalArgumentException when its id or a number of it is longer than any real one: nothing
    ///                                  was written
    static void trade(ByteBuffer to, int instrument, Trade trade) {
        TradeId id = trade.id();
        long sequence = trade.sequence();
        BigDecimal price = trade.price();
        BigDecimal size = trade.size();
        boolean textId = !id.isNumber();
        boolean longPrice = isLong(price);
        boolean longSize = isLong(size);
        int form = (trade.takerSide() == TakerSide.SELL ? SELL : 0)
                | code(trade.origin()) << ORIGIN_SHIFT
                | Flag.bits(trade.flags()) << FLAGS_SHIFT
                | (textId ? TEXT_ID : 0)
                | (longPrice ? LONG_PRICE : 0)
                | (longSize ? LONG_SIZE : 0);
        if (sequence != Trade.NO_SEQUENCE) {
            form |= !textId && sequence == id.number() ? SEQUENCE_IS_ID : SEQUENCE_FOLLOWS;
        }
        to.put(TRADE).putShort((short) form).putInt(instrument);
        to.putLong(trade.executedAtNanos()).putLong(trade.receivedAtNanos());
        if (textId) {
            text(to, id.text());
        } else {
            to.putLong(id.number());
        }
        if ((form & SEQUENCE_FOLLOWS) != 0) {
            to.putLong(sequence);
        }
        if (longPrice) {
            decimal(to, price);
        } else {
            to.put((byte) price.scale()).putLong(unscaled(price));
        }
        if (longSize) {
            decimal(to, size);
        } else {
            to.put((byte) size.scale()).putLong(unscaled(size));
        }
    }

    static void consumed(ByteBuffer to, int instrument, Consumed consumed) {
        to.put(CONSUMED).putInt(instrument).putLong(consumed.sequence());
        to.putLong(consumed.executedAtNanos()).putLong(consumed.receivedAtNanos());
        text(to, cut(consumed.reason()));
    }

    static void counted(ByteBuffer to, int instrument, Entry.Counted counted) {
        boolean byRest = counted.byRest() != 0;
        to.put(byRest ? COUNTED_BY_WAY : COUNTED).putInt(instrument).putLong(counted.second());
        to.putLong(counted.received()).putLong(counted.duplicate());
        to.putLong(counted.late()).putLong(counted.consumed());
        if (byRest) {
            to.putLong(counted.byRest());
        }
        to.put((byte) counted.rejected().size());
        counted.rejected()
                .forEach((reason, count) -> to.put((byte) code(reason)).putLong(count));
    }

    static void rejected(ByteBuffer to, int instrument, Entry.RejectedRow row) {
        to.put(REJECTED).putInt(instrument).put((byte) code(row.reason())).putLong(row.receivedAtNanos());
        text(to, cut(row.detail()));
    }

    static void holeOpened(ByteBuffer to, int instrument, Entry.HoleOpened hole) {
        to.put(HOLE_OPENED).putInt(instrument);
        text(to, hole.cause());
        to.putLong(hole.fromId()).putLong(hole.toId()).putLong(hole.fromNanos()).putLong(hole.toNanos());
        to.putLong(hole.expected()).putLong(hole.openedAtNanos());
    }

    static void holeFound(ByteBuffer to, int instrument, Entry.HoleFound found) {
        to.put(HOLE_FOUND).putInt(instrument).putLong(found.sequence()).putLong(found.atNanos());
    }

    static void holeClosed(ByteBuffer to, int instrument, Entry.HoleClosed hole) {
        to.put(HOLE_CLOSED).putInt(instrument).putLong(hole.openedAtNanos());
        to.putLong(hole.fromId()).putLong(hole.toId()).put((byte) code(hole.outcome()));
        to.putLong(hole.found()).putLong(hole.closedAtNanos());
    }

    static void collected(ByteBuffer to, int instrument, Entry.Collected collected) {
        to.put(COLLECTED).putInt(instrument).put((byte) (collected.begins() ? 1 : 0));
        to.putLong(collected.atNanos());
    }

    static void unproven(ByteBuffer to, int instrument) {
        to.put(UNPROVEN).putInt(instrument);
    }

    private static int code(HoleOutcome outcome) {
        return switch (outcome) {
            case REFILLED -> 0;
            case NEVER_PUBLIC -> 1;
            case BEYOND_REACH -> 2;
            case OUTAGE -> 3;
        };
    }

    private static int code(Origin origin) {
        return switch (origin) {
            case STREAM -> 0;
            case SNAPSHOT -> 1;
            case REFILL -> 2;
            case IMPORT -> 3;
        };
    }

    private static int code(RejectReason reason) {
        return switch (reason) {
            case MALFORMED -> 0;
            case UNKNOWN_INSTRUMENT -> 1;
            case IMPLAUSIBLE_TIME -> 2;
            case IMPLAUSIBLE_NUMBER -> 3;
            case TIME_UNIT -> 4;
            case OVERFLOW -> 5;
            case DATABASE -> 6;
            case REPEAT -> 7;
            case CUT_GROUP -> 8;
        };
    }

    /// Whether a number needs more than a `long` and a scale of one byte.
    private static boolean isLong(BigDecimal number) {
        int scale = number.scale();
        return number.precision() > 18 || scale != (byte) scale;
    }

    /// The digits of a number of at most 18 of them, without a `BigInteger`.
    private static long unscaled(BigDecimal number) {
        return number.scaleByPowerOfTen(number.scale()).longValue();
    }

    private static void decimal(ByteBuffer to, BigDecimal number) {
        byte[] unscaled = number.unscaledValue().toByteArray();
        if (unscaled.length > MAX_UNSCALED) {
            throw new IllegalArgumentException("a number of " + number.precision() + " digits");
        }
        to.putInt(number.scale()).put((byte) unscaled.length).put(unscaled);
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    private static void text(ByteBuffer to, String text) {
        int length = text.length();
        if (length > MAX_TEXT) {
            throw new IllegalArgumentException("a text of " + length + " characters: " + text.substring(0, 40) + "…");
        }
        int start = to.position();
        to.putShort((short) 0);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                to.put((byte) c);
            } else if (c < 0x800) {
                to.put((byte) (0xc0 | c >> 6)).put((byte) (0x80 | (c & 0x3f)));
            } else {
                to.put((byte) (0xe0 | c >> 12))
                        .put((byte) (0x80 | (c >> 6 & 0x3f)))
                        .put((byte) (0x80 | (c & 0x3f)));
            }
        }
        to.putShort(start, (short) (to.position() - start - Short.BYTES));
    }

    /// What a reader does with each record.
    interface Visitor {
        void entry(Entry entry);

        /// A piece of the saved state, to be read before the call returns.
        void state(ByteBuffer piece);

        void stateEnd(long length);

        void closed();
    }

    /// Reads records back. One for each reading of a segment from its head; what it knows of instruments is
    /// kept from segment to segment, so that one instrument is one object.
    static final class Reader {
        /// Stands for an instrument whose definition was in a damaged block.
        private static final Instrument LOST =
                Instrument.unknown(new Market(List.of(Exchange.values()).getFirst(), MarketType.SPOT));

        private static final int MAX_INSTRUMENTS = 1 << 20;

        private final List<Instrument> byNumber = new ArrayList<>();
        private final Map<Instrument, Instrument> known = new HashMap<>();
        private long lost;
        private final byte[] bytes = new byte[3 * MAX_TEXT];
        private final char[] chars = new char[MAX_TEXT];

        /// The next record is the first of a segment.
        void newSegment() {
            byNumber.clear();
        }

        /// Records since the last call that could not be given on, because a damaged block defined their
        /// instrument.
        long takeLost() {
            long count = lost;
            lost = 0;
            return count;
        }

        /// Reads all records of a block.
        ///
        /// @throws IOException when it is no sequence of records, although its checksum is right
        void read(ByteBuffer block, Visitor visitor) throws IOException {
            try {
                while (block.hasRemaining()) {
                    record(block, visitor);
                }
            } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException("a block with a right checksum that cannot be read: " + e.getMessage(), e);
            }
        }

        private void record(ByteBuffer block, Visitor visitor) {
            byte kind = block.get();
            switch (kind) {
                case TRADE -> visit(visitor, new Entry.Traded(trade(block)));
                case DEFINE -> definition(block);
                case CONSUMED ->
                    visit(
                            visitor,
                            new Entry.ConsumedId(new Consumed(
                                    instrument(block),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong(),
                                    text(block))));
                case COUNTED -> visit(visitor, counted(block, false));
                case COUNTED_BY_WAY -> visit(visitor, counted(block, true));
                case REJECTED ->
                    visit(
                            visitor,
                            new Entry.RejectedRow(
                                    instrument(block), REASONS[block.get()], block.getLong(), text(block)));
                case HOLE_OPENED ->
                    visit(
                            visitor,
                            new Entry.HoleOpened(
                                    instrument(block),
                                    text(block),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong()));
                case HOLE_FOUND ->
                    visit(visitor, new Entry.HoleFound(instrument(block), block.getLong(), block.getLong()));
                case HOLE_CLOSED ->
                    visit(
                            visitor,
                            new Entry.HoleClosed(
                                    instrument(block),
                                    block.getLong(),
                                    block.getLong(),
                                    block.getLong(),
                                    OUTCOMES[block.get()],
                                    block.getLong(),
                                    block.getLong()));
                case COLLECTED ->
                    visit(visitor, new Entry.Collected(instrument(block), block.get() != 0, block.getLong()));
                case UNPROVEN -> visit(visitor, new Entry.Unproven(instrument(block)));
                case STATE -> {
                    ByteBuffer piece = block.slice(block.position() + Integer.BYTES, block.getInt());
                    block.position(block.position() + piece.remaining());
                    visitor.state(piece);
                }
                case STATE_END -> visitor.stateEnd(block.getLong());
                case CLOSED -> visitor.closed();
                default -> throw new IllegalArgumentException("record of unknown kind " + kind);
            }
        }

        private void visit(Visitor visitor, Entry entry) {
            if (isKnown(entry.instrument())) {
                visitor.entry(entry);
            }
        }

        @SuppressWarnings("ReferenceEquality") // a mark, not a value
        private boolean isKnown(Instrument instrument) {
            if (instrument == LOST) {
                lost++;
                return false;
            }
            return true;
        }

        private Trade trade(ByteBuffer block) {
            int form = block.getShort();
            Instrument instrument = instrument(block);
            long executedAtNanos = block.getLong();
            long receivedAtNanos = block.getLong();
            TradeId id = (form & TEXT_ID) != 0 ? new TradeId(0, text(block)) : new TradeId(block.getLong(), "");
            long sequence = Trade.NO_SEQUENCE;
            if ((form & SEQUENCE_IS_ID) != 0) {
                sequence = id.number();
            } else if ((form & SEQUENCE_FOLLOWS) != 0) {
                sequence = block.getLong();
            }
            BigDecimal price = (form & LONG_PRICE) != 0 ? decimal(block) : shortDecimal(block);
            BigDecimal size = (form & LONG_SIZE) != 0 ? decimal(block) : shortDecimal(block);
            return new Trade(
                    instrument,
                    id,
                    price,
                    size,
                    (form & SELL) != 0 ? TakerSide.SELL : TakerSide.BUY,
                    executedAtNanos,
                    receivedAtNanos,
                    sequence,
                    ORIGINS[form >> ORIGIN_SHIFT & 3],
                    Flag.ofBits(form >> FLAGS_SHIFT & 3));
        }

        private Entry.Counted counted(ByteBuffer block, boolean byWay) {
            Instrument instrument = instrument(block);
            long second = block.getLong();
            long received = block.getLong();
            long duplicate = block.getLong();
            long late = block.getLong();
            long consumed = block.getLong();
            long byRest = byWay ? block.getLong() : 0;
            Map<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);
            for (int left = block.get(); left > 0; left--) {
                rejected.put(REASONS[block.get()], block.getLong());
            }
            return new Entry.Counted(instrument, second, received, duplicate, late, consumed, byRest, rejected);
        }

        private void definition(ByteBuffer block) {
            int number = block.getInt();
            if (number < byNumber.size() || number > MAX_INSTRUMENTS) {
                throw new IllegalArgumentException("instrument " + number + " after " + byNumber.size());
            }
            while (byNumber.size() < number) {
                byNumber.add(LOST);
            }
            Exchange exchange = Exchange.of(text(block)).orElseThrow(() -> new IllegalArgumentException("exchange"));
            MarketType type = MarketType.of(text(block)).orElseThrow(() -> new IllegalArgumentException("market"));
            Instrument instrument = new Instrument(
                    new Market(exchange, type),
                    text(block),
                    text(block),
                    text(block),
                    text(block),
                    decimal(block),
                    decimal(block));
            Instrument same = known.putIfAbsent(instrument, instrument);
            byNumber.add(same == null ? instrument : same);
        }

        private Instrument instrument(ByteBuffer block) {
            int number = block.getInt();
            return number < byNumber.size() ? byNumber.get(number) : LOST;
        }

        private static BigDecimal shortDecimal(ByteBuffer block) {
            int scale = block.get();
            return BigDecimal.valueOf(block.getLong(), scale);
        }

        private static BigDecimal decimal(ByteBuffer block) {
            int scale = block.getInt();
            byte[] unscaled = new byte[block.get() & 0xff];
            block.get(unscaled);
            return new BigDecimal(new BigInteger(unscaled), scale);
        }

        private String text(ByteBuffer block) {
            int length = block.getShort();
            block.get(bytes, 0, length);
            int plain = 0;
            while (plain < length && bytes[plain] >= 0) {
                plain++;
            }
            if (plain == length) {
                return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
            }
            int count = 0;
            for (int i = 0; i < length; ) {
                int first = bytes[i++];
                if (first >= 0) {
                    chars[count++] = (char) first;
                } else if ((first & 0xe0) == 0xc0) {
                    chars[count++] = (char) ((first & 0x1f) << 6 | (bytes[i++] & 0x3f));
                } else {
                    chars[count++] = (char) ((first & 0x0f) << 12 | (bytes[i++] & 0x3f) << 6 | (bytes[i++] & 0x3f));
                }
            }
            return new String(chars, 0, count);
        }
    }
}
