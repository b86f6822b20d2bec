-- A charge-off belongs to the first month on book m with charged_off_on <= disbursed_on + m months.
with loans as (select * from {{ ref('stg_servicing__loans') }}),
     charged_off as (select * from {{ ref('int_risk__loans_charged_off') }}),
     observed as (select * from {{ ref('int_servicing__sources_observed') }}),
     members as (
         select loans.product_code, loans.entity_id, loans.currency, loans.source,
                cast(date_trunc('year', loans.disbursed_on) as date) as vintage_on,
                loans.principal, observed.observed_until, charged_off.principal_charged_off,
                case when charged_off.charged_off_on <= loans.disbursed_on then 0
                     else {{ whole_months('loans.disbursed_on', 'charged_off.charged_off_on - 1') }} + 1
                     end as months_on_book
         from loans
         inner join observed on loans.source = observed.source
         left join charged_off on loans.loan_id = charged_off.loan_id
         -- a date of disbursement after the last observation is an error of the source
         where loans.disbursed_on <= observed.observed_until
     ),
     by_month as (
         select product_code, entity_id, currency, vintage_on, months_on_book,
                min(observed_until) as observed_until, count(*) as loans, sum(principal) as principal,
                sum(principal_charged_off) as principal_charged_off
         from members
         group by all
     ),
     vintages as (
         select product_code, entity_id, currency, vintage_on,
                min(observed_until) as observed_until,
                cast(sum(loans) as bigint) as loans_disbursed,
                cast(sum(principal) as decimal(18,2)) as amount_disbursed
         from by_month
         group by all
     ),
     months as (
         select *, {{ numbers_to(whole_months('vintage_on', 'observed_until')) }} as months_on_book
         from vintages
     ),
     to_date as (
         select months.*,
                coalesce(sum(by_month.loans) over so_far, 0) as loans_charged_off,
                coalesce(sum(by_month.principal_charged_off) over so_far, 0) as amount_charged_off
         from months
         left join by_month
             on months.product_code = by_month.product_code and months.entity_id = by_month.entity_id
             and months.currency = by_month.currency and months.vintage_on = by_month.vintage_on
             and months.months_on_book = by_month.months_on_book
         window so_far as (
             partition by months.product_code, months.entity_id, months.currency, months.vintage_on
             order by months.months_on_book
         )
     ),
     final as (
         select product_code, entity_id, currency, vintage_on, months_on_book, loans_disbursed, amount_disbursed,
                cast(loans_charged_off as bigint) as loans_charged_off_to_date,
                cast(amount_charged_off as decimal(18,2)) as amount_charged_off_to_date,
                {{ share('loans_charged_off', 'loans_disbursed') }} as charge_off_rate,
                -- the last loan of the vintage may have been made on 31 December
                cast(vintage_on + interval 1 year as date) - 1 <= observed_until
                    and {{ whole_months("least(cast(vintage_on + interval 1 year as date) - 1, observed_until)",
                                        'observed_until') }} >= months_on_book as is_complete
         from to_date
     )
select * from final
