import { describe, expect, it } from "vitest";
import { NOW, playing, status } from "./veil-fixtures";
import { veilState } from "./veil-state";

describe("scalars arrive, no image", () => {
  it("for so many seconds", () => {
    const at = NOW - 5000;
    const veil = veilState(
      playing({ pictureAt: at, pictureSentAt: at, statusAt: NOW, status: status({ image_age_s: 5 }) }),
    );
    expect(veil).toMatchObject({ kind: "no-image", title: "Scalars arrive, no image", since: at, alarm: true });
  });

  it("is not said within three periods of a slow camera in a fast stream", () => {
    const at = NOW - 2500;
    expect(
      veilState(playing({ pictureAt: at, pictureSentAt: at, imagePeriod: 1000, status: status({ image_age_s: 2.0 }) })),
    ).toBeNull();
  });

  it("is said with the server's reason when it cannot be made", () => {
    const you = { ...status().you, refused: "encoding: no" };
    const told = veilState(playing({ pictureAt: NOW - 5000, pictureSentAt: NOW - 5010, status: status({}, { you }) }));
    expect(told).toMatchObject({ kind: "refused", lines: ["encoding: no"], alarm: true, since: NOW - 5000 });
    expect(told?.hints).toEqual(["Choose another form above the picture, exact for instance."]);
    // Another form of it that comes needs no words.
    expect(veilState(playing({ status: status({}, { you }) }))).toBeNull();
  });

  it("is not said in the moment before a silence of everything is noticed", () => {
    const at = NOW - 1010;
    const together = playing({
      pictureAt: at,
      pictureSentAt: at - 20,
      valuesAt: at + 15,
      statusAt: NOW - 400,
      status: status({ age_s: 0.6, image_age_s: 0.6 }),
    });
    expect(veilState(together)).toBeNull();
    expect(veilState({ ...together, now: NOW + 50 })?.kind).toBe("silent");
  });

  it("is not said of a server that has just begun to look at the stream", () => {
    const unknown = status({ image_age_s: null, image_rate: 0 }, { images: [], defaultImage: null });
    expect(
      veilState(playing({ pictureAt: null, pictureSentAt: null, askedAt: NOW - 1000, status: unknown }))?.kind,
    ).toBe("starting");
  });

  it("is calm for a stream that never has one", () => {
    const veil = veilState(
      playing({
        pictureAt: null,
        pictureSentAt: null,
        imagePeriod: null,
        status: status({ image_age_s: null, image_rate: 0 }, { images: [], defaultImage: null }),
      }),
    );
    expect(veil).toMatchObject({ kind: "no-image", alarm: false, since: null });
  });

  it("names a chosen channel that is not in the stream", () => {
    const veil = veilState(playing({ pictureAt: null, pictureSentAt: null, wantedImage: "camera2" }));
    expect(veil).toMatchObject({ kind: "no-channel", lines: ["camera2"] });
  });
});

describe("a slow link", () => {
  it("says what is being received before the first picture", () => {
    const veil = veilState(
      playing({ pictureAt: null, pictureSentAt: null, sending: { bytes: 11_059_200, received: 0, at: NOW - 3000 } }),
    );
    expect(veil).toMatchObject({ kind: "sending", title: "Receiving a picture of 11.1 MB", since: NOW - 3000 });
    expect(veil?.lines).toHaveLength(1);
  });

  it("says how much of it has come", () => {
    const sending = { bytes: 11_059_200, received: 4_700_000, at: NOW - 3000 };
    expect(veilState(playing({ pictureAt: null, pictureSentAt: null, sending }))?.lines[0]).toBe("42 % has come.");
  });

  it("has no veil while pictures come as seldom as before", () => {
    const at = NOW - 12_000;
    expect(
      veilState(
        playing({
          pictureAt: at,
          pictureSentAt: at - 9000,
          imagePeriod: 9000,
          sending: { bytes: 11e6, received: 0, at: at + 100 },
        }),
      ),
    ).toBeNull();
  });

  it("is not called a silent stream while only the status gets through", () => {
    const waiting = {
      pictureAt: null,
      pictureSentAt: null,
      valuesAt: null,
      statusAt: NOW - 1100,
      sending: { bytes: 11e6, received: 0, at: NOW - 8000 },
    };
    expect(veilState(playing(waiting))?.kind).toBe("sending");
    expect(veilState(playing({ ...waiting, sending: null, heardAt: NOW - 1100 }))?.kind).not.toBe("silent");
  });

  it("is not called a silent stream while even the status waits behind the image", () => {
    const veil = veilState(
      playing({
        pictureAt: null,
        pictureSentAt: null,
        valuesAt: null,
        statusAt: NOW - 9000,
        sending: { bytes: 11e6, received: 0, at: NOW - 9000 },
      }),
    );
    expect(veil?.kind).toBe("sending");
  });

  it("does not hide that the source went silent, when the status says so", () => {
    const quiet = status({ age_s: 6, state: "silent", text: "Silent." });
    const veil = veilState(
      playing({
        pictureAt: null,
        pictureSentAt: null,
        valuesAt: null,
        statusAt: NOW - 500,
        status: quiet,
        sending: { bytes: 11e6, received: 0, at: NOW - 9000 },
      }),
    );
    expect(veil?.kind).toBe("silent");
  });

  it("may be silent for long while an image is on its way", () => {
    const veil = veilState(
      playing({
        heardAt: NOW - 20_000,
        pictureAt: null,
        pictureSentAt: null,
        sending: { bytes: 11e6, received: 0, at: NOW - 20_000 },
      }),
    );
    expect(veil?.kind).not.toBe("mute");
  });

  it("is told from a camera that stopped: the server has images, this page gets none", () => {
    const at = NOW - 4000;
    const you = { ...status().you, rate: 0, mbit: 0, not_sent: 40, limit: "bandwidth" as const };
    const held = status({}, { you });
    const veil = veilState(playing({ pictureAt: at, pictureSentAt: at, status: held }));
    expect(veil).toMatchObject({ kind: "held-back", since: at });
    expect(veil?.lines.join()).toContain("bandwidth");
  });
});
