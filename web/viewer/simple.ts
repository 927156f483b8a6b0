import { serve, type Show } from "./frame.ts";

const DRAWN = new Set(["image/png", "image/jpeg"]);

/** A picture is decoded as a picture or not at all; text is text, whatever it says. */
const show: Show = async (bytes, { mediaType, imageLabel }, place) => {
  if (DRAWN.has(mediaType)) {
    const image = document.createElement("img");
    image.alt = imageLabel;
    image.src = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    await image.decode();
    place.append(image);
    return 1;
  }
  const text = document.createElement("pre");
  text.textContent = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  text.tabIndex = 0;
  place.append(text);
  return 1;
};

serve(show);
