package io.metdc.collector.frames;

/// One line of a recording, which is text in UTF-8:
///
/// ```
/// #metdc-frames 1 okx futures 2026-11-21T07:15:03Z
/// 1795245303123456789 okx-futures-1 text {"arg":{"channel":"trades"},"data":[…]}
/// #missing 12 okx-futures-1
/// 1795245304000000000 okx-futures-1 base64 AAECAwQ=
/// ```
///
/// Each file begins with its format version, exchange, market and when it was begun. A frame has the time of its
/// receipt in nanoseconds since the epoch, the connection, and its bytes: as they came where they are text that fits
/// on a line, else in Base64. `#missing` stands where frames of a connection could not be kept.
public sealed interface RecordedLine {
    /// The version of the format that is written, and the only one that can be read.
    int VERSION = 1;

    /// The longest frame that the session takes.
    int LONGEST_FRAME = 16 << 20;

    /// The longest line that such a frame can become.
    int LONGEST = LONGEST_FRAME / 3 * 4 + 200;

    /// The beginning of a file.
    ///
    /// @param market as [Market#toString()] has it
    record Header(int version, String market) implements RecordedLine {}

    /// A frame; its bytes lie within the array.
    final class Frame implements RecordedLine {
        private final long receivedAtNanos;
        private final byte[] bytes;
        private final int offset;
        private final int length;

        Frame(long receivedAtNanos, byte[] bytes, int offset, int length) {
            this.receivedAtNanos = receivedAtNanos;
            this.bytes = bytes;
            this.offset = offset;
            this.length = length;
        }

        /// Nanoseconds since the epoch.
        public long receivedAtNanos() {
            return receivedAtNanos;
        }

        public byte[] bytes() {
            return bytes;
        }

        public int offset() {
            return offset;
        }

        public int length() {
            return length;
        }
    }

    /// So many frames of a connection came here and were not kept.
    record Missing(long frames) implements RecordedLine {}

    /// Not a line of a recording.
    record Unreadable() implements RecordedLine {}

    /// Whether a recording begins here.
    static boolean isHeader(byte[] bytes, int offset, int length) {
        return LineFormat.isHeader(bytes, offset, length);
    }

    /// Reads a line, without its line break. Bad input is [Unreadable], never an exception.
    static RecordedLine read(byte[] bytes, int offset, int length) {
        return LineFormat.read(bytes, offset, length);
    }
}
