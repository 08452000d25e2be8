package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.Framedata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {
    private final List<String> messages = new ArrayList<>();
    private final Framing framing = new Framing(new Framing.Listener() {
        @Override
        public void message(byte[] bytes, int offset, int length) {
            messages.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }

        @Override
        public void refused(Http.Answered answer) {
            throw new AssertionError("no handshake here");
        }
    });

    @Test
    void messages_are_the_same_wherever_the_stream_is_cut() throws Exception {
        var random = new Random(3);
        for (int round = 0; round < 300; round++) {
            List<String> sent = new ArrayList<>();
            int pings = 0;
            var stream = new ByteArrayOutputStream();
            for (int i = 0; i < 30; i++) {
                String message = "币".repeat(random.nextInt(4)) + "x".repeat(length(random)) + i;
                sent.add(message);
                byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
                int kind = random.nextBoolean() ? RawServer.TEXT : RawServer.BINARY;
                int fragments = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
                for (int part = 0; part < fragments; part++) {
                    byte[] payload = Arrays.copyOfRange(
                            bytes, bytes.length * part / fragments, bytes.length * (part + 1) / fragments);
                    stream.writeBytes(RawServer.frame(part == fragments - 1, part == 0 ? kind : 0, payload));
                    if (random.nextInt(5) == 0) {
                        stream.writeBytes(RawServer.frame(true, RawServer.PING, new byte[] {1, 2}));
                        pings++;
                    }
                }
            }
            messages.clear();
            assertThat(feed(stream.toByteArray(), random))
                    .hasSize(pings)
                    .allSatisfy(control -> assertThat(control.getOpcode()).isEqualTo(Opcode.PING));
            assertThat(messages).isEqualTo(sent);
        }
    }

    private static int length(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> 65_500 + random.nextInt(100);
            case 1, 2, 3 -> 100 + random.nextInt(60);
            default -> random.nextInt(300);
        };
    }

    private List<Framedata> feed(byte[] stream, Random random) throws InvalidDataException {
        List<Framedata> controls = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int size = Math.min(stream.length - at, 1 + random.nextInt(random.nextInt(10) == 0 ? 3 : 5_000));
            byte[] buffer = new byte[size + 7]; // as a read leaves it: the bytes somewhere in an array
            System.arraycopy(stream, at, buffer, 3, size);
            controls.addAll(framing.translateFrame(ByteBuffer.wrap(buffer, 3, size)));
            at += size;
        }
        return controls;
    }

    @Test
    void nothing_counts_after_a_close() throws Exception {
        var stream = new ByteArrayOutputStream();
        stream.writeBytes(RawServer.frame(true, RawServer.TEXT, new byte[] {'a'}));
        stream.writeBytes(RawServer.frame(true, RawServer.CLOSE, new byte[] {3, (byte) 0xe8}));
        stream.writeBytes(RawServer.frame(true, RawServer.TEXT, new byte[] {'b'}));

        assertThat(framing.translateFrame(ByteBuffer.wrap(stream.toByteArray())))
                .hasSize(1);
        assertThat(messages).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c1 01 78", // a reserved bit
                "81 81 00 00 00 00 78", // masked
                "80 01 78", // continues nothing
                "83 01 78", // unknown kind
                "01 01 78 81 01 78", // a message inside of another
                "89 7e 00 7e", // a ping of 126 bytes
                "09 01 78", // a ping in fragments
            })
    void what_breaks_the_protocol_is_refused(String hex) {
        byte[] bytes = Arrays.copyOf(java.util.HexFormat.ofDelimiter(" ").parseHex(hex), 200);

        assertThatThrownBy(() -> framing.translateFrame(ByteBuffer.wrap(bytes)))
                .isInstanceOf(InvalidDataException.class);
    }

    @Test
    void a_frame_that_announces_too_much_is_refused_before_it_comes() {
        byte[] head = {(byte) 0x81, 127, 0, 0, 0, 0, 1, 0, 0, 1};

        assertThatThrownBy(() -> framing.translateFrame(ByteBuffer.wrap(head)))
                .isInstanceOf(LimitExceededException.class);
        byte[] negative = {(byte) 0x81, 127, -1, 0, 0, 0, 0, 0, 0, 1};
        assertThatThrownBy(() -> framing.translateFrame(ByteBuffer.wrap(negative)))
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void fragments_together_are_bounded_too() throws Exception {
        byte[] part = new byte[1 << 20];
        framing.translateFrame(ByteBuffer.wrap(RawServer.frame(false, RawServer.TEXT, part)));
        for (int i = 1; i < 16; i++) {
            framing.translateFrame(ByteBuffer.wrap(RawServer.frame(false, 0, part)));
        }

        assertThatThrownBy(() -> framing.translateFrame(ByteBuffer.wrap(RawServer.frame(false, 0, new byte[1]))))
                .isInstanceOf(LimitExceededException.class);
    }
}
