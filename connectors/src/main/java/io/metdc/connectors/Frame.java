package io.metdc.connectors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.ContentReference;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.UTF8StreamJsonParser;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.metdc.market.Decimals;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One WebSocket message, or one REST answer, and what a connector wants of it.
///
/// [#parse(Shape)] reads the JSON once, from front to back, and keeps the values of the wanted keys; then they can
/// be asked for by [Field], in any order. Keys may come in any order and unknown ones hold anything, objects that
/// repeat known names included; of a key that comes twice the last one counts, as Jackson's tree has it. Values are
/// kept as the characters on the wire: no number ever passes through a `double`, and none is converted before
/// somebody asks.
///
/// ```
/// {"stream":"…","data":{"e":"trade","p":"0.5"}}        top row:  stream → text, data → 1 row
///                                                                                        └── e → text, p → text
/// ```
///
/// Accessors read the *current row*: the message itself at first, and after [#enter(Field)] an object or array
/// within it.
///
/// One frame object serves one connection for its whole life, since its scratch space is used again. Not thread
/// safe.
public final class Frame {
    /// What [#integer(Field)] gives when there is none.
    static final long NO_NUMBER = Long.MIN_VALUE;

    static final Message.Unreadable EMPTY = new Message.Unreadable("empty");
    static final Message.Unreadable TRUNCATED = new Message.Unreadable("truncated");
    static final Message.Unreadable NOT_JSON = new Message.Unreadable("not JSON");
    static final Message.Unreadable NOT_AN_OBJECT = new Message.Unreadable("not an object");
    static final Message.Unreadable BEYOND_LIMITS = new Message.Unreadable("beyond limits");

    /// More rows than any exchange sends in one message (Bybit: 1024), so that no message can claim much memory.
    static final int MAX_ROWS = 20_000;

    /// Longer values are no symbol, id, price or message text; they are treated as a value of the wrong kind.
    static final int MAX_VALUE = 4_096;

    private static final int MAX_ID = 64;
    private static final int MAX_KEPT_SCRATCH = 1 << 16;

    private static final int LENGTH_BITS = 26; // of characters, and of the number of rows
    private static final int OFFSET_BITS = 32;
    private static final long LENGTH_MASK = (1L << LENGTH_BITS) - 1;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
    private static final int KIND_SHIFT = LENGTH_BITS + OFFSET_BITS;

    private static final int ABSENT = 0;
    private static final int NULL = 1;
    private static final int FALSE = 2;
    private static final int TRUE = 3;
    private static final int TEXT = 4;
    private static final int NUMBER = 5;
    private static final int OBJECT = 6;
    private static final int ARRAY = 7;
    private static final int OTHER = 8;

    private static final Utf8Factory JSON = new Utf8Factory();

    private byte[] bytes = {};
    private int offset;
    private int length;
    private long receivedAtNanos;

    /// Jackson's parser, kept for the connection's next message; null after one that could not be read.
    private @Nullable Utf8Parser parser;

    /// The texts of all values kept, one after the other.
    private char[] chars = new char[512];
    private int charsUsed;

    /// One block per row: where the next row of the same array is (0: none), then one value per field, packed as
    /// kind, offset and length within [#chars], or for nested rows where the first one is and how many there are.
    /// Block 0 is none.
    private long[] blocks = new long[64];
    private int blocksUsed;
    private int rowsRead;

    private @Nullable Shape topShape;
    private int top;
    private boolean topIsArray;
    private @Nullable Shape rowShape;
    private int row;

    /// An empty frame for a connection; see [#set(byte\[\], int, int, long)].
    public Frame() {}

    /// A frame with this text.
    public static Frame of(String text, long receivedAtNanos) {
        return of(text.getBytes(StandardCharsets.UTF_8), receivedAtNanos);
    }

    /// A frame with these bytes, UTF-8.
    public static Frame of(byte[] bytes, long receivedAtNanos) {
        return new Frame().set(bytes, 0, bytes.length, receivedAtNanos);
    }

    /// Takes the next message in place of the last one. The bytes are not copied and must stay as they are while
    /// the frame is read.
    ///
    /// @param receivedAtNanos our clock, when the message was complete, nanoseconds since the epoch
    public Frame set(byte[] bytes, int offset, int length, long receivedAtNanos) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.receivedAtNanos = receivedAtNanos;
        return this;
    }

    public long receivedAtNanos() {
        return receivedAtNanos;
    }

    /// The beginning of the message as text, for samples; what is no UTF-8 shows as replacement characters.
    public String sample(int maxLength) {
        String text = new String(bytes, offset, Math.min(length, 4 * maxLength), StandardCharsets.UTF_8);
        return text.length() <= maxLength ? text : text.substring(0, maxLength);
    }

    /// Whether the whole message is this ASCII text, which is no JSON: `pong`.
    boolean isText(String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The whole message as a tree, for messages that come rarely; a missing node when it is no JSON.
    JsonNode tree() {
        try {
            return Answer.tree(bytes, offset, length);
        } catch (IOException | NumberFormatException e) {
            return MissingNode.getInstance();
        }
    }

    /// Reads the message. Afterwards the current row is the message itself, or the first row when it is an array.
    ///
    /// @return null when it could be read
    Message.@Nullable Unreadable parse(Shape shape) {
        charsUsed = 0;
        blocksUsed = 1;
        rowsRead = 0;
        topShape = shape;
        top = 0;
        row = 0;
        if (chars.length > MAX_KEPT_SCRATCH || blocks.length > MAX_KEPT_SCRATCH) {
            chars = new char[512];
            blocks = new long[64];
        }
        Utf8Parser parser = this.parser == null ? JSON.parser() : this.parser;
        this.parser = null;
        parser.begin(bytes, offset, length);
        try {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return EMPTY;
            }
            long value = first.isStructStart() ? rows(parser, first, shape) : 0;
            parser.skipChildren();
            if (parser.nextToken() != null) {
                return NOT_JSON; // a second document behind the first
            }
            if (value == 0) {
                return NOT_AN_OBJECT;
            }
            topIsArray = kind(value) == ARRAY;
            top = offset(value);
            top();
            this.parser = parser.knowsFewNames() ? parser : null;
            return null;
        } catch (StreamConstraintsException | TooManyRows e) {
            return BEYOND_LIMITS;
        } catch (JsonEOFException e) {
            return TRUNCATED;
        } catch (IOException | RuntimeException e) { // rubbish may take the parser by surprise, too
            return NOT_JSON;
        }
    }

    /// Whether the message is an array: its rows are then walked with [#next()].
    boolean isArray() {
        return topIsArray;
    }

    /// Makes the message itself the current row, or its first row when it is an array.
    ///
    /// @return false when it is an array without rows
    boolean top() {
        row = top;
        rowShape = topShape;
        return row != 0;
    }

    /// Makes the object that this field of the current row holds the current row, or the first row of its array.
    ///
    /// @return false, and the current row stays, when there is none
    boolean enter(Field field) {
        long value = value(field);
        int kind = kind(value);
        if ((kind != OBJECT && kind != ARRAY) || offset(value) == 0 || rowShape == null) {
            return false;
        }
        rowShape = rowShape.nested(field.index());
        row = offset(value);
        return true;
    }

    /// Goes to the next row of the array.
    ///
    /// @return false, and the current row stays, when this was the last
    boolean next() {
        int next = (int) blocks[row];
        if (next == 0) {
            return false;
        }
        row = next;
        return true;
    }

    /// Reads every row that this field holds. Nothing that one row does can keep its neighbours from being read.
    List<Row> rows(Field field, Supplier<Row> reader) {
        return enter(field) ? rows(reader) : List.of();
    }

    /// Reads the current row and all after it.
    List<Row> rows(Supplier<Row> reader) {
        List<Row> rows = new ArrayList<>();
        do {
            rows.add(reader.get());
        } while (next());
        return rows;
    }

    /// Whether the key is there, with whatever value, null included.
    boolean has(Field field) {
        return kind(value(field)) != ABSENT;
    }

    boolean isNull(Field field) {
        return kind(value(field)) == NULL;
    }

    boolean isObject(Field field) {
        return kind(value(field)) == OBJECT;
    }

    boolean isArray(Field field) {
        return kind(value(field)) == ARRAY;
    }

    boolean isTrue(Field field) {
        return kind(value(field)) == TRUE;
    }

    /// Whether the value is `true` or `false`.
    boolean isTruthValue(Field field) {
        int kind = kind(value(field));
        return kind == TRUE || kind == FALSE;
    }

    /// Whether the value is exactly this text.
    boolean is(Field field, String text) {
        long value = value(field);
        return length(value) == text.length() && startsWith(field, text);
    }

    /// Whether the value is a text that begins with this one.
    boolean startsWith(Field field, String text) {
        long value = value(field);
        if (kind(value) != TEXT || length(value) < text.length()) {
            return false;
        }
        int at = offset(value);
        for (int i = 0; i < text.length(); i++) {
            if (chars[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The taker's side.
    ///
    /// @param sides how the exchange writes that the taker bought, and that it sold
    /// @return null when the value is neither
    @Nullable
    TakerSide takerSide(Field field, List<String> sides) {
        return is(field, sides.getFirst()) ? TakerSide.BUY : is(field, sides.getLast()) ? TakerSide.SELL : null;
    }

    /// Which of these texts the value is; null when it is none of them. Unlike [#text(Field)] it makes no `String`.
    @Nullable
    String oneOf(Field field, List<String> texts) {
        for (String text : texts) {
            if (is(field, text)) {
                return text;
            }
        }
        return null;
    }

    /// The text, or the number as it was written; null when the value is neither.
    @Nullable
    String text(Field field) {
        long value = value(field);
        return isWritten(value) ? new String(chars, offset(value), length(value)) : null;
    }

    /// The whole number, written as such or as a text of digits; [#NO_NUMBER] when it is none or beyond 64 bits.
    long integer(Field field) {
        long value = value(field);
        int left = length(value);
        if (!isWritten(value) || left == 0) {
            return NO_NUMBER;
        }
        int at = offset(value);
        boolean negative = chars[at] == '-';
        if (negative) {
            at++;
            left--;
        }
        if (left == 0 || left > 19) {
            return NO_NUMBER;
        }
        long number = 0;
        for (; left > 0; left--, at++) {
            int digit = chars[at] - '0';
            if (digit < 0 || digit > 9) {
                return NO_NUMBER;
            }
            number = number * 10 + digit;
            if (number < 0) { // 19 digits overflow at most once, into the negative
                return NO_NUMBER;
            }
        }
        return negative ? -number : number;
    }

    /// The id as written: a whole number, or a text of Latin letters, digits and `-`; null when it is none.
    @Nullable
    TradeId id(Field field) {
        long value = value(field);
        int size = length(value);
        if (!isWritten(value) || size == 0 || size > MAX_ID) {
            return null;
        }
        int at = offset(value);
        long number = chars[at] == '0' && size > 1 ? NO_NUMBER : 0; // 007 is another id than 7
        for (int i = at; i < at + size; i++) {
            char c = chars[i];
            boolean isDigit = c >= '0' && c <= '9';
            if (!isDigit && (kind(value) == NUMBER || !isLetter(c))) {
                return null;
            }
            number = !isDigit || number < 0 || size > TradeId.MAX_DIGITS ? NO_NUMBER : number * 10 + (c - '0');
        }
        return number >= 0 ? TradeId.of(number) : TradeId.of(new String(chars, at, size));
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    }

    /// The decimal as written, as a number or as a text; null when it is none.
    @Nullable
    BigDecimal decimal(Field field) {
        long value = value(field);
        return isWritten(value) ? Decimals.parse(chars, offset(value), length(value)) : null;
    }

    /// As [#decimal(Field)], and null too when it is not positive.
    @Nullable
    BigDecimal positive(Field field) {
        BigDecimal decimal = decimal(field);
        return decimal == null || decimal.signum() <= 0 ? null : decimal;
    }

    /// The instrument whose symbol the field holds; null when there is no symbol or it is not collected.
    @Nullable
    Instrument instrument(Field field, Instruments instruments) {
        long value = value(field);
        return kind(value) == TEXT ? instruments.find(chars, offset(value), length(value)) : null;
    }

    /// The current row, rejected. Its detail shows what could be read of it.
    Rejected rejected(Instrument instrument, RejectReason reason, long sequence, String what) {
        return new Rejected(instrument, reason, sequence, receivedAtNanos, what + ": " + describe());
    }

    /// The current row, rejected because its symbol is not collected, or is none.
    Rejected withoutInstrument(Market market, Field symbol) {
        RejectReason reason = text(symbol) == null ? RejectReason.MALFORMED : RejectReason.UNKNOWN_INSTRUMENT;
        return rejected(Instrument.unknown(market), reason, Trade.NO_SEQUENCE, "no instrument");
    }

    private String describe() {
        var text = new StringBuilder();
        Shape shape = rowShape;
        if (shape != null && row != 0) {
            for (int i = 0; i < shape.size() && text.length() < Rejected.MAX_DETAIL; i++) {
                Field field = shape.field(i);
                long value = value(field);
                if (kind(value) != ABSENT) {
                    text.append(text.isEmpty() ? "" : ", ").append(field.name()).append('=');
                    switch (kind(value)) {
                        case TEXT -> text.append('"').append(shown(value)).append('"');
                        case NUMBER -> text.append(shown(value));
                        case NULL -> text.append("null");
                        case TRUE -> text.append("true");
                        case FALSE -> text.append("false");
                        default -> text.append('…');
                    }
                }
            }
        }
        return text.isEmpty() ? "nothing of it could be read" : text.toString();
    }

    private String shown(long value) {
        return new String(chars, offset(value), Math.min(length(value), 100));
    }

    // ---- reading

    /// Reads one object or one array of rows; the parser stands at its start, and at its end afterwards.
    private long rows(JsonParser parser, JsonToken start, Shape shape) throws IOException {
        if (start == JsonToken.START_OBJECT) {
            return packed(OBJECT, object(parser, shape), 1);
        }
        int first = 0;
        int last = 0;
        int count = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            int block = switch (token) {
                case START_OBJECT -> object(parser, shape);
                case START_ARRAY -> array(parser, shape);
                default -> block(shape); // a row all the same, of which nothing can be read
            };
            if (first == 0) {
                first = block;
            } else {
                blocks[last] = block;
            }
            last = block;
            count++;
        }
        return packed(ARRAY, first, count);
    }

    private int object(JsonParser parser, Shape shape) throws IOException {
        int block = block(shape);
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            int index = shape.indexOf(name);
            JsonToken token = parser.nextToken();
            if (index >= 0) {
                long value = value(parser, token, shape.nested(index));
                blocks[block + 1 + index] = value; // by now the array may be another one
            } else {
                parser.skipChildren();
            }
        }
        return block;
    }

    private int array(JsonParser parser, Shape shape) throws IOException {
        int block = block(shape);
        int index = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (index < shape.size()) {
                long value = value(parser, token, shape.nested(index));
                blocks[block + 1 + index] = value;
            } else {
                parser.skipChildren();
            }
            index++;
        }
        return block;
    }

    private long value(JsonParser parser, JsonToken token, @Nullable Shape nested) throws IOException {
        return switch (token) {
            case VALUE_STRING -> kept(parser, TEXT);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> kept(parser, NUMBER);
            case VALUE_TRUE -> packed(TRUE, 0, 0);
            case VALUE_FALSE -> packed(FALSE, 0, 0);
            case VALUE_NULL -> packed(NULL, 0, 0);
            default -> {
                if (nested != null) {
                    yield rows(parser, token, nested);
                }
                parser.skipChildren();
                yield packed(OTHER, 0, 0);
            }
        };
    }

    private long kept(JsonParser parser, int kind) throws IOException {
        char[] text = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int size = parser.getTextLength();
        if (size > MAX_VALUE) {
            return packed(OTHER, 0, 0);
        }
        int at = charsUsed;
        if (chars.length - at < size) {
            chars = Arrays.copyOf(chars, Math.max(2 * chars.length, at + size));
        }
        System.arraycopy(text, from, chars, at, size);
        charsUsed = at + size;
        return packed(kind, at, size);
    }

    private int block(Shape shape) {
        if (++rowsRead > MAX_ROWS) {
            throw new TooManyRows();
        }
        int block = blocksUsed;
        int size = shape.size() + 1;
        if (blocks.length - block < size) {
            blocks = Arrays.copyOf(blocks, Math.max(2 * blocks.length, block + size));
        }
        Arrays.fill(blocks, block, block + size, 0L);
        blocksUsed = block + size;
        return block;
    }

    private long value(Field field) {
        return row == 0 ? 0 : blocks[row + 1 + field.index()];
    }

    private static boolean isWritten(long value) {
        int kind = kind(value);
        return kind == TEXT || kind == NUMBER;
    }

    private static long packed(int kind, int offset, int length) {
        return ((long) kind << KIND_SHIFT) | ((long) offset << LENGTH_BITS) | length;
    }

    private static int kind(long value) {
        return (int) (value >>> KIND_SHIFT);
    }

    private static int offset(long value) {
        return (int) ((value >>> LENGTH_BITS) & OFFSET_MASK);
    }

    private static int length(long value) {
        return (int) (value & LENGTH_MASK);
    }

    private static final class TooManyRows extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyRows() {
            super(null, null, false, false);
        }
    }

    /// Makes parsers that take the bytes as UTF-8, which WebSocket text always is, without looking for other
    /// encodings.
    private static final class Utf8Factory extends JsonFactory {
        private static final long serialVersionUID = 1L;

        Utf8Factory() {
            // Nothing is converted here, so a long text or number costs no more than its characters: one bad value must
            // not make the rest of the message unreadable. The session bounds the message itself.
            super(new JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNumberLength(Integer.MAX_VALUE)
                            .build()));
        }

        Utf8Parser parser() {
            var context = new IOContext(
                    _streamReadConstraints,
                    _streamWriteConstraints,
                    _errorReportConfiguration,
                    new BufferRecycler(),
                    ContentReference.unknown(),
                    true);
            return new Utf8Parser(
                    context, _parserFeatures, _byteSymbolCanonicalizer.makeChildOrPlaceholder(_factoryFeatures));
        }
    }

    /// Reads one message after the other: made anew for each, it would cost a tenth of the reading.
    private static final class Utf8Parser extends UTF8StreamJsonParser {
        /// More than any exchange uses, and than Jackson hands to a new parser. Who invents names gets a new one each
        /// time.
        private static final int MANY_NAMES = 8_000;

        Utf8Parser(IOContext context, int features, ByteQuadsCanonicalizer symbols) {
            super(context, features, null, null, symbols, new byte[0], 0, 0, 0, false);
        }

        boolean knowsFewNames() {
            return _symbols.size() < MANY_NAMES;
        }

        /// Takes the next message; the one before was read to its end, where a parser lets go of all it holds.
        void begin(byte[] bytes, int offset, int length) {
            _inputBuffer = bytes;
            _inputPtr = offset;
            _inputEnd = offset + length;
            _currInputProcessed = 0;
            _currInputRow = 1;
            _currInputRowStart = offset;
            _currToken = null;
            _lastClearedToken = null;
            _tokenIncomplete = false;
            _closed = false;
        }
    }
}
