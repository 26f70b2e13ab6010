/** Shows the price and availability of the chosen variant; both strings come formatted from the server. */
export default function option(form: HTMLElement): void {
  const price = document.querySelector<HTMLElement>("[data-price] .price");
  const availability = form.querySelector<HTMLElement>(".availability [data-availability]");
  form.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== "variant") return;
    const { price: priceText, availability: availabilityText } = event.target.dataset;
    if (price && priceText) price.textContent = priceText;
    if (availability) availability.textContent = availabilityText ?? "";
  });
}
