package io.metdc.simulator;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A certificate authority that lives as long as the simulator, and a certificate of its for localhost and
/// 127.0.0.1: so that clients verify TLS as they always do. The JDK has no way of making certificates but keytool,
/// which takes seconds; a certificate is a page of DER.
final class Certificates {
    private static final Duration VALIDITY = Duration.ofDays(90);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
    private static final String CA_NAME = "metdc simulator CA";
    private static final String SERVER_NAME = "metdc simulator";

    private Certificates() {}

    /// Makes both, writes the authority's certificate to a file, and keeps the keys in memory.
    static SSLContext serverContext(Path caFile, InstantSource clock) throws IOException {
        try {
            KeyPair ca = keyPair();
            KeyPair server = keyPair();
            Instant now = clock.instant();
            byte[] caCertificate = certificate(
                    CA_NAME,
                    ca.getPublic(),
                    ca,
                    now,
                    Der.sequence(
                            extension(19, true, Der.sequence(Der.yes())), // a certificate authority
                            extension(15, true, Der.bits(1, (byte) 0x06)), // signs certificates
                            extension(14, false, Der.octets(keyId(ca.getPublic())))));
            byte[] serverCertificate = certificate(
                    SERVER_NAME,
                    server.getPublic(),
                    ca,
                    now,
                    Der.sequence(
                            extension(19, true, Der.sequence()),
                            extension(15, true, Der.bits(7, (byte) 0x80)), // digital signature
                            extension(37, false, Der.sequence(Der.oid(1, 3, 6, 1, 5, 5, 7, 3, 1))), // TLS server
                            extension(
                                    17,
                                    false,
                                    Der.sequence(
                                            Der.tagged(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)),
                                            Der.tagged(0x87, new byte[] {127, 0, 0, 1}))),
                            extension(14, false, Der.octets(keyId(server.getPublic()))),
                            extension(35, false, Der.sequence(Der.tagged(0x80, keyId(ca.getPublic()))))));
            Files.writeString(caFile, pem(caCertificate));
            return context(server.getPrivate(), parsed(serverCertificate), parsed(caCertificate));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make a certificate", e);
        }
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static byte[] certificate(String name, PublicKey key, KeyPair issuer, Instant now, byte[] extensions)
            throws GeneralSecurityException {
        byte[] toBeSigned = Der.sequence(
                Der.tagged(0xA0, Der.integer(2)), // version 3
                Der.integer(SplitMix.mix(now.toEpochMilli() + name.hashCode()) >>> 1),
                ECDSA_WITH_SHA256,
                name(CA_NAME),
                Der.sequence(time(now.minus(Duration.ofDays(1))), time(now.plus(VALIDITY))),
                name(name),
                key.getEncoded(),
                Der.tagged(0xA3, extensions));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(issuer.getPrivate());
        signature.update(toBeSigned);
        return Der.sequence(toBeSigned, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
    }

    private static byte[] name(String commonName) {
        byte[] text = Der.tagged(0x0C, commonName.getBytes(StandardCharsets.UTF_8));
        return Der.sequence(Der.set(Der.sequence(Der.oid(2, 5, 4, 3), text)));
    }

    private static byte[] time(Instant instant) {
        return Der.tagged(0x17, UTC_TIME.format(instant).getBytes(StandardCharsets.US_ASCII));
    }

    /// @param arc the last number of its id, 2.5.29.arc
    private static byte[] extension(int arc, boolean critical, byte[] value) {
        byte[] id = Der.oid(2, 5, 29, arc);
        return critical ? Der.sequence(id, Der.yes(), Der.octets(value)) : Der.sequence(id, Der.octets(value));
    }

    private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1").digest(key.getEncoded());
    }

    private static Certificate parsed(byte[] certificate) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static String pem(byte[] certificate) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate);
        return "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n";
    }

    private static SSLContext context(PrivateKey key, Certificate... chain)
            throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        char[] password = {};
        keys.load(null, password);
        keys.setKeyEntry("server", key, password, chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
