// A photo made small on the phone: its pixels only, turned upright, so that little is sent and nothing the camera noted.
export async function shrink(file, side = 1600) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82))) ?? file;
  } catch {
    return file; // a kind of picture this browser cannot draw: the server looks at it anyway
  }
}
