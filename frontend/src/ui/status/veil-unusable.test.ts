import { describe, expect, it } from "vitest";
import type { Refusal, UnusableChannel } from "../../contract";
import { NOW, playing, quietFor, status } from "./veil-fixtures";
import type { VeilInputs } from "./veil-inputs";
import { veilState } from "./veil-state";
import { channelLabel } from "./counts";

const REFUSAL: Refusal = {
  reason: "htype",
  detail: "'dheader-1.0' is no bsread message, which has bsr_m-1.1",
  htype: "'dheader-1.0'",
  age_s: 0.1,
  rate: 10,
};
const NEVER = { pictureAt: null, pictureSentAt: null, valuesAt: null, period: null, imagePeriod: null };

function refusing(refusal: Partial<Refusal> = {}, change: Partial<VeilInputs> = {}): VeilInputs {
  const source = {
    state: "unusable",
    text: "Messages come.",
    age_s: null,
    image_age_s: null,
    rate: 0,
    refused: { htype: 12, "pulse id": 1 },
    refusal: { ...REFUSAL, ...refusal },
  } as const;
  return playing({ ...NEVER, status: status(source), ...change });
}

function bad(change: Partial<UnusableChannel> = {}): UnusableChannel {
  return {
    name: "cam:FPICTURE",
    position: 0,
    reason: "compression",
    detail: "unknown compression 'zstd'",
    image: true,
    count: 3,
    age_s: 0.1,
    ...change,
  };
}

describe("messages that cannot be used", () => {
  it("are told with their number, their rate, their htype and the reason", () => {
    const veil = veilState(refusing());
    expect(veil).toMatchObject({ kind: "unusable", alarm: true, since: null });
    expect(veil?.lines).toEqual([
      "10.0 a second come and are refused, 13 since the server’s start.",
      "Their htype is 'dheader-1.0'; that of a bsread message is bsr_m-1.1.",
      "Reason: htype: 'dheader-1.0' is no bsread message, which has bsr_m-1.1.",
    ]);
    expect(veil?.hints.join()).toContain("another kind of stream");
  });

  it("say that there is no htype, and nothing of it where it is not the reason", () => {
    const missing = veilState(refusing({ reason: "main header", htype: "missing" }));
    expect(missing?.lines).toContain("They have no htype.");
    const parts = veilState(refusing({ reason: "part count", detail: "3 parts instead of 6", htype: null }));
    expect(parts?.lines.join()).not.toContain("htype is");
    expect(parts?.hints.join()).not.toContain("another kind of stream");
  });

  it("count from the last message that could be used", () => {
    const inputs = refusing();
    inputs.status = status({ ...inputs.status?.source, age_s: 9.5 });
    expect(veilState({ ...inputs, pictureAt: NOW - 10_000, pictureSentAt: NOW - 10_000 })?.since).toBe(NOW - 10_000);
  });

  it("are no stream that plays, and no stream without messages", () => {
    expect(veilState(playing({ status: status({ refusal: REFUSAL }) }))).toBeNull();
    expect(veilState(refusing({}, { status: status({ state: "waiting", age_s: null }) }))?.kind).toBe("no-stream");
  });
});

describe("an image that cannot be used", () => {
  const scalarsOnly = { pictureAt: null, pictureSentAt: null, imagePeriod: null };

  it("is named where the stream has no other", () => {
    const veil = veilState(
      playing({ ...scalarsOnly, status: status({ unusable: [bad()] }, { images: [], defaultImage: null }) }),
    );
    expect(veil).toMatchObject({ kind: "unusable-image", alarm: true });
    expect(veil?.lines).toEqual(["cam:FPICTURE is an image. compression: unknown compression 'zstd'."]);
    expect(veil?.hints.join()).toContain("bitshuffle_lz4");
  });

  it("is named where it was chosen or is the default, and its values are broken", () => {
    const broken = bad({ name: "image", reason: "length", detail: "3 bytes" });
    const own = playing({ ...scalarsOnly, status: status({ unusable: [broken] }) });
    expect(veilState(own)?.kind).toBe("unusable-image");
    expect(veilState({ ...own, wantedImage: "image" })?.kind).toBe("unusable-image");
    const gone = { ...own, wantedImage: "cam:FPICTURE" };
    expect(veilState(gone)?.kind).toBe("no-channel");
    expect(veilState({ ...gone, status: status({ unusable: [bad()] }) })?.kind).toBe("unusable-image");
  });

  it("hides no picture that plays, and nothing is said of what was wrong long ago", () => {
    expect(veilState(playing({ status: status({ unusable: [bad({ name: "image" })] }) }))).toBeNull();
    const old = status({ unusable: [bad({ name: "image", age_s: 8 })], image_age_s: null });
    expect(veilState(playing({ ...scalarsOnly, status: old }))?.kind).not.toBe("unusable-image");
  });

  it("is named beside the default that was shown before and has no value now", () => {
    const veil = veilState(playing({ ...scalarsOnly, status: status({ unusable: [bad()], image_age_s: null }) }));
    expect(veil?.lines).toEqual([
      "The image channel “image” has no value.",
      "cam:FPICTURE is an image. compression: unknown compression 'zstd'.",
    ]);
  });

  it("is no image if it is none", () => {
    const veil = veilState(
      playing({
        ...scalarsOnly,
        status: status({ unusable: [bad({ image: false })] }, { images: [], defaultImage: null }),
      }),
    );
    expect(veil?.kind).toBe("no-image");
  });

  it("names three of many", () => {
    const many = [1, 2, 3, 4, 5].map((number) => bad({ name: `cam${number}` }));
    const veil = veilState(
      playing({ ...scalarsOnly, status: status({ unusable: many }, { images: [], defaultImage: null }) }),
    );
    expect(veil?.lines).toHaveLength(4);
    expect(veil?.lines[3]).toContain("2 more images");
  });
});

describe("a channel that cannot be used", () => {
  it("is called by its name, which may stand there twice, and by its place if it has none", () => {
    expect(channelLabel(bad())).toBe("cam:FPICTURE");
    expect(channelLabel(bad({ reason: "duplicate name" }))).toBe("cam:FPICTURE (listed again)");
    expect(channelLabel(bad({ name: "", reason: "name", position: 3 }))).toBe("Channel number 3");
    expect(channelLabel(bad({ name: "", reason: "name", position: null }))).toBe("A channel without a usable name");
  });
});

describe("a server that hangs", () => {
  const receiving = { state: "receiving", age_s: 0.05, image_age_s: 0.05 } as const;

  it("is not taken for a silent source", () => {
    // It stopped in the middle of a 10 Hz stream: its last message came with the last picture.
    for (let ms = 1050; ms < 4500; ms += 150) {
      const at = NOW - ms;
      const veil = veilState(quietFor(ms, { heardAt: at, statusAt: at - 400, status: status(receiving) }));
      if (ms < 1300) expect(veil).toBeNull();
      else expect(veil).toMatchObject({ kind: "mute", since: at });
    }
  });

  it("and one that goes on to speak says of the source what it knows", () => {
    const inputs = quietFor(1050, { heardAt: NOW - 100, status: status(receiving), statusAt: NOW - 1000 });
    expect(veilState(inputs)?.kind).toBe("silent");
  });
});
